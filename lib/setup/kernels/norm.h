// Normalisation over the pixels of groups of channels, with what stands before and behind it in one pass:
// y = after((v - mean) inverse gain + offset), v = leaky(x + shift).
#pragma once

#include <cmath>
#include <vector>

#include "norm-chunks.h"
#include "parallel.h"

namespace synthmr {

// One row of channels for all samples, or one each.
struct PerChannel {
  const float* values;
  bool each;
  const float* Of(int64_t sample, int64_t channels) const { return values + (each ? sample * channels : 0); }
};

struct NormProblem {
  int64_t samples, pixels, channels, groups;
  float epsilon, before;
  int after;
  PerChannel shift, gain, offset;
};

// How the pixels of an image are cut: by their number alone, so that sums are the same on every machine.
struct Pieces {
  explicit Pieces(const NormProblem& p)
      : size(std::max<int64_t>(1, 8192 / p.channels)), count((p.pixels + size - 1) / size) {}
  int64_t First(int64_t piece) const { return piece * size; }
  int64_t Pixels(int64_t piece, int64_t pixels) const { return std::min(size, pixels - piece * size); }
  int64_t size, count;
};

// Below so many values the threads are not woken.
constexpr int64_t kLeastParallel = 1 << 15;

// Calls run(sample, piece) for all pieces of all samples.
template <class Run>
void ForPieces(const NormProblem& p, const Pieces& pieces, const Run& run) {
  const int64_t total = p.samples * pieces.count;
  // Few tasks, of neighbouring pieces each.
  const int64_t tasks = p.samples * p.pixels * p.channels < kLeastParallel ? 1 : std::min<int64_t>(total, 16);
  Pool::Get().For(static_cast<int>(tasks), [&](int task) {
    for (int64_t i = task * total / tasks; i < (task + 1) * total / tasks; i++)
      run(i / pieces.count, i % pieces.count);
  });
}

// Replaces the values of a group's channels by their mean.
inline void AverageGroups(const NormProblem& p, double* values) {
  const int64_t width = p.channels / p.groups;
  for (int64_t g = 0; g < p.groups; g++) {
    double sum = 0;
    for (int64_t k = g * width; k < (g + 1) * width; k++) sum += values[k];
    for (int64_t k = g * width; k < (g + 1) * width; k++) values[k] = sum / width;
  }
}

// Mean and variance of each group out of those of each channel's pieces.
inline void CombineStatistics(const NormProblem& p, const Pieces& pieces, const float* parts, float* mean,
                              float* inverse) {
  std::vector<double> centre(p.channels, 0.0), spread(p.channels, 0.0), group;
  for (int64_t i = 0; i < pieces.count; i++)
    for (int64_t k = 0; k < p.channels; k++)
      centre[k] += double(parts[2 * i * p.channels + k]) * pieces.Pixels(i, p.pixels) / p.pixels;
  group = centre;
  AverageGroups(p, group.data());
  for (int64_t i = 0; i < pieces.count; i++)
    for (int64_t k = 0; k < p.channels; k++) {
      const double d = parts[2 * i * p.channels + k] - group[k];
      spread[k] += (parts[(2 * i + 1) * p.channels + k] + d * d * pieces.Pixels(i, p.pixels)) / p.pixels;
    }
  AverageGroups(p, spread.data());
  for (int64_t k = 0; k < p.channels; k++) {
    mean[k] = static_cast<float>(group[k]);
    inverse[k] = static_cast<float>(1.0 / std::sqrt(spread[k] + p.epsilon));
  }
}

template <class X, class Y>
NormChunk<X, Y> ChunkOf(const NormProblem& p, const Pieces& pieces, int64_t sample, int64_t piece) {
  NormChunk<X, Y> c = {};
  c.pixels = pieces.Pixels(piece, p.pixels);
  c.channels = p.channels;
  c.before = p.before;
  c.after = p.after;
  c.shift = p.shift.Of(sample, p.channels);
  return c;
}

// Slope and level of each sample's channels.
inline void FoldAffine(const NormProblem& p, const float* mean, const float* inverse, float* slope, float* level) {
  for (int64_t n = 0; n < p.samples; n++)
    for (int64_t k = 0; k < p.channels; k++) {
      const int64_t i = n * p.channels + k;
      slope[i] = inverse[i] * p.gain.Of(n, p.channels)[k];
      level[i] = p.offset.Of(n, p.channels)[k] - mean[i] * slope[i];
    }
}

// mean and inverse: [samples, channels], equal within a group.
template <class X, class Y>
void NormForward(const NormProblem& p, const X* x, Y* y, float* mean, float* inverse) {
  const Pieces pieces(p);
  const int64_t image = p.pixels * p.channels, row = 2 * p.channels;
  std::vector<float> parts(p.samples * pieces.count * row), folded(2 * p.samples * p.channels);
  ForPieces(p, pieces, [&](int64_t n, int64_t i) {
    auto c = ChunkOf<X, Y>(p, pieces, n, i);
    c.x = x + n * image + pieces.First(i) * p.channels;
    float* part = &parts[(n * pieces.count + i) * row];
    Statistics(c, part, part + p.channels);
  });
  for (int64_t n = 0; n < p.samples; n++)
    CombineStatistics(p, pieces, &parts[n * pieces.count * row], mean + n * p.channels, inverse + n * p.channels);
  float* slope = folded.data();
  float* level = slope + p.samples * p.channels;
  FoldAffine(p, mean, inverse, slope, level);
  ForPieces(p, pieces, [&](int64_t n, int64_t i) {
    auto c = ChunkOf<X, Y>(p, pieces, n, i);
    const int64_t at = n * image + pieces.First(i) * p.channels;
    c.x = x + at;
    c.y = y + at;
    c.slope = slope + n * p.channels;
    c.level = level + n * p.channels;
    Apply(c);
  });
}

// Adds up the rows of pieces, and of samples where all share one.
inline void SumRows(const NormProblem& p, const Pieces& pieces, const float* parts, int64_t stride, bool each,
                    float* out) {
  std::vector<double> sum(p.channels);
  const int64_t rows = each ? p.samples : 1, length = p.samples * pieces.count / rows;
  for (int64_t r = 0; r < rows; r++) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (int64_t i = r * length; i < (r + 1) * length; i++)
      for (int64_t k = 0; k < p.channels; k++) sum[k] += parts[i * stride + k];
    for (int64_t k = 0; k < p.channels; k++) out[r * p.channels + k] = static_cast<float>(sum[k]);
  }
}

template <class X, class Y>
void NormBackward(const NormProblem& p, const Y* dy, const X* x, const float* mean, const float* inverse, X* dx,
                  float* dshift, float* dgain, float* doffset) {
  const Pieces pieces(p);
  const int64_t image = p.pixels * p.channels, row = 2 * p.channels, all = p.samples * p.channels;
  std::vector<float> parts(p.samples * pieces.count * row), folded(6 * all);
  float *slope = &folded[0], *level = slope + all, *spread = level + all, *rest = spread + all;
  float *sum = rest + all, *product = sum + all;
  FoldAffine(p, mean, inverse, slope, level);
  const auto chunk = [&](int64_t n, int64_t i) {
    auto c = ChunkOf<X, Y>(p, pieces, n, i);
    const int64_t at = n * image + pieces.First(i) * p.channels, k = n * p.channels;
    c.x = x + at, c.dy = dy + at, c.dx = dx + at;
    c.slope = slope + k, c.level = level + k, c.mean = mean + k, c.inverse = inverse + k;
    c.spread = spread + k, c.rest = rest + k;
    return c;
  };
  ForPieces(p, pieces, [&](int64_t n, int64_t i) {
    float* part = &parts[(n * pieces.count + i) * row];
    Sums(chunk(n, i), part, part + p.channels);
  });
  SumRows(p, pieces, parts.data(), row, true, sum);
  SumRows(p, pieces, parts.data() + p.channels, row, true, product);
  SumRows(p, pieces, parts.data(), row, p.offset.each, doffset);
  SumRows(p, pieces, parts.data() + p.channels, row, p.gain.each, dgain);
  std::vector<double> along_mean(p.channels), along_spread(p.channels);
  for (int64_t n = 0; n < p.samples; n++) {
    const float* gain = p.gain.Of(n, p.channels);
    for (int64_t k = 0; k < p.channels; k++) {
      along_mean[k] = double(sum[n * p.channels + k]) * gain[k] / p.pixels;
      along_spread[k] = double(product[n * p.channels + k]) * gain[k] / p.pixels;
    }
    AverageGroups(p, along_mean.data());
    AverageGroups(p, along_spread.data());
    for (int64_t k = 0; k < p.channels; k++) {
      const int64_t i = n * p.channels + k;
      spread[i] = static_cast<float>(-along_spread[k] * inverse[i] * inverse[i]);
      rest[i] = static_cast<float>(-along_mean[k] * inverse[i]) - spread[i] * mean[i];
    }
  }
  ForPieces(p, pieces, [&](int64_t n, int64_t i) {
    Gradient(chunk(n, i), &parts[(n * pieces.count + i) * row]);
  });
  SumRows(p, pieces, parts.data(), row, p.shift.each, dshift);
}

}  // namespace synthmr
