// The operations that find the references that correlate best with each query.
#pragma once

#include "nearest.h"
#include "tensorflow.h"

namespace synthmr {

#ifdef SYNTHMR_LEVELS

class LevelsKernel {
 public:
  explicit LevelsKernel(Attributes& attributes) : query_(attributes.Integer("query") != 0) {}
  // Images [N, F].
  void Compute(Context& context) const {
    const Value images = context.Input(0);
    const std::vector<int64_t> shape = images.Shape();
    if (shape.size() != 2 || images.Count() == 0 || shape[1] > kMostPixels)
      throw std::invalid_argument("levels need rows of pixels");
    const int64_t count = shape[0], pixels = shape[1], quads = PaddedLevels(pixels) / 4;
    const Value levels = context.Output(0, TF_INT32, {count, quads});
    const Value facts = context.Output(1, TF_FLOAT, {count, kLevelFacts});
    // Both sides have a dither of their own: errors of one must not follow those of the other.
    std::vector<float> dither(pixels);
    DrawDither(pixels, query_, dither.data());
    ForStretches(count, std::max<int64_t>(1, 32768 / pixels), [&](int64_t first, int64_t rows) {
      for (int64_t i = first; i < first + rows; i++)
        reinterpret_cast<LevelFacts*>(facts.Data<float>())[i] =
            ToLevels(pixels, images.Data<float>() + i * pixels, dither.data(), query_ ? kLevelShift : 0,
                     reinterpret_cast<int8_t*>(levels.Data<int32_t>() + i * quads));
    });
  }

 private:
  // Sums of products of levels stay within 32 bits.
  static constexpr int64_t kMostPixels = 1 << 20;
  bool query_;
};

class NearestKernel {
 public:
  explicit NearestKernel(Attributes& attributes)
      : kept_(attributes.Integer("kept")), tolerance_(attributes.Float("tolerance")) {}
  void Compute(Context& context) const {
    const Value queries = context.Input(0), query_levels = context.Input(1), query_facts = context.Input(2);
    const Value references = context.Input(3), reference_levels = context.Input(4), reference_facts = context.Input(5);
    const Value floor = context.Input(6);
    NearestProblem p = {};
    p.queries = Read(queries, query_levels, query_facts);
    p.references = Read(references, reference_levels, reference_facts);
    p.length = queries.Shape()[1];
    if (references.Shape()[1] != p.length || floor.Count() != p.queries.count || kept_ < 1)
      throw std::invalid_argument("queries and references must be of one length");
    const Value scores = context.Output(0, TF_FLOAT, {p.queries.count, kept_});
    const Value places = context.Output(1, TF_INT32, {p.queries.count, kept_});
    p.floor = floor.Data<float>();
    p.kept = kept_;
    p.tolerance = tolerance_;
    p.scores = scores.Data<float>();
    p.places = places.Data<int32_t>();
    FindNearest(p);
  }

 private:
  static Images Read(const Value& pixels, const Value& levels, const Value& facts) {
    const std::vector<int64_t> shape = pixels.Shape();
    if (shape.size() != 2 || levels.Count() != shape[0] * PaddedLevels(shape[1]) / 4 ||
        facts.Count() != shape[0] * kLevelFacts)
      throw std::invalid_argument("images come with their levels and facts");
    return {shape[0], pixels.Data<float>(), levels.Data<int32_t>(),
            reinterpret_cast<const LevelFacts*>(facts.Data<float>())};
  }

  int64_t kept_;
  float tolerance_;
};

inline void RegisterNearest() {
  RegisterOperation({"SynthmrLevels", {"images: float"}, {"levels: int32", "facts: float"}, {"query: int"}});
  RegisterOperation({"SynthmrNearest",
                     {"queries: float", "query_levels: int32", "query_facts: float", "references: float",
                      "reference_levels: int32", "reference_facts: float", "floor: float"},
                     {"scores: float", "places: int32"},
                     {"kept: int", "tolerance: float"}});
  RegisterKernel<LevelsKernel>("SynthmrLevels", {});
  RegisterKernel<NearestKernel>("SynthmrNearest", {});
}

#else

inline void RegisterNearest() {}

#endif

}  // namespace synthmr
