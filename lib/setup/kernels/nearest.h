// The references that correlate best with each query: products of levels leave few pairs, floats decide.
#pragma once

#include <memory>
#include <vector>

#include "level-products.h"
#include "parallel.h"

namespace synthmr {

#ifdef SYNTHMR_LEVELS

struct Images {
  int64_t count;
  const float* pixels;      // [count, F]
  const int32_t* levels;    // [count, padded F / 4], 4 in one
  const LevelFacts* facts;  // [count]
};

struct NearestProblem {
  int64_t length;  // F
  Images queries, references;
  const float* floor;  // [queries]: what a reference must exceed
  int64_t kept;
  float tolerance;  // what is behind the best by more than this may be left out
  float* scores;    // [queries, kept], highest first
  int32_t* places;  // [queries, kept], -1 where there is none
};

// Stands for "no correlation": below every possible value.
constexpr float kNoScore = -2.0f;

// By Hoeffding's inequality, an error of rounding exceeds this times the step, times the norm of what it is
// multiplied with, in less than one of 10^13 pairs: 2 exp(-2 * 4^2).
constexpr float kErrorSteps = 4.0f;

// Correlation of two images in float.
SYNTHMR_CLONES float Correlate(int64_t length, const float* __restrict a, const LevelFacts& of_a,
                               const float* __restrict b, const LevelFacts& of_b) {
  const float mean_a = of_a.mean, mean_b = of_b.mean;
  float sum[2 * kLanes] = {};
  int64_t i = 0;
  for (; i + 2 * kLanes <= length; i += 2 * kLanes)
    for (int lane = 0; lane < 2 * kLanes; lane++) sum[lane] += (a[i + lane] - mean_a) * (b[i + lane] - mean_b);
  for (; i < length; i++) sum[0] += (a[i] - mean_a) * (b[i] - mean_b);
  double total = 0;
  for (float part : sum) total += part;
  return static_cast<float>(total * of_a.inverse * of_b.inverse);
}

// Offers a tile of products: what may exceed the last that is kept of a query is computed anew.
inline void OfferTile(const NearestProblem& p, int64_t query, int64_t rows, int64_t reference, int64_t columns,
                      const int32_t* sums) {
  for (int64_t r = 0; r < rows; r++) {
    const LevelFacts& a = p.queries.facts[query + r];
    if (a.inverse == 0) continue;
    float* scores = p.scores + (query + r) * p.kept;
    int32_t* places = p.places + (query + r) * p.kept;
    const auto needed = [&] {
      return std::max({p.floor[query + r], scores[p.kept - 1], scores[0] - p.tolerance});
    };
    float floor = needed();
    for (int64_t c = 0; c < columns; c++) {
      const LevelFacts& b = p.references.facts[reference + c];
      const float product = static_cast<float>(sums[r * kTileColumns + c]) - kLevelShift * b.sum;
      const float most = product * a.step * b.step + kErrorSteps * (a.step * b.norm + b.step);
      if (most <= floor || b.inverse == 0) continue;
      const float score = Correlate(p.length, p.queries.pixels + (query + r) * p.length, a,
                                    p.references.pixels + (reference + c) * p.length, b);
      if (score <= scores[p.kept - 1]) continue;
      int64_t at = p.kept - 1;
      for (; at > 0 && score > scores[at - 1]; at--) {
        scores[at] = scores[at - 1];
        places[at] = places[at - 1];
      }
      scores[at] = score;
      places[at] = static_cast<int32_t>(reference + c);
      floor = needed();
    }
  }
}

// Queries that one thread takes at a time; they stay in its cache while all references pass.
constexpr int64_t kQueriesAtOnce = 32;

inline void FindNearest(const NearestProblem& p) {
  const int64_t quads = PaddedLevels(p.length) / 4, panel = quads * kTileColumns;
  const int64_t panels = (p.references.count + kTileColumns - 1) / kTileColumns;
  std::unique_ptr<int32_t[]> packed(new int32_t[panels * panel]);
  Pool::Get().For(static_cast<int>(panels), [&](int i) {
    const int64_t first = i * kTileColumns;
    PackLevels(p.references.levels + first * quads, quads, p.references.count - first, &packed[i * panel]);
  });
  std::fill_n(p.scores, p.queries.count * p.kept, kNoScore);
  std::fill_n(p.places, p.queries.count * p.kept, -1);
  const int64_t pieces = (p.queries.count + kQueriesAtOnce - 1) / kQueriesAtOnce;
  Pool::Get().For(static_cast<int>(pieces), [&](int i) {
    const int64_t begin = i * kQueriesAtOnce, end = std::min(begin + kQueriesAtOnce, p.queries.count);
    int32_t sums[kTileValues];
    for (int64_t k = 0; k < panels; k++)
      for (int64_t query = begin; query < end; query += kTileRows) {
        const int64_t rows = std::min<int64_t>(kTileRows, end - query), first = k * kTileColumns;
        const int32_t* levels[kTileRows];
        for (int64_t r = 0; r < kTileRows; r++)
          levels[r] = p.queries.levels + (query + std::min(r, rows - 1)) * quads;
        MultiplyLevels(levels, &packed[k * panel], quads, sums);
        OfferTile(p, query, rows, first, std::min<int64_t>(kTileColumns, p.references.count - first), sums);
      }
  });
}

#endif

}  // namespace synthmr
