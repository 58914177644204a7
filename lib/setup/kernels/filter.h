// FIR filters along both axes of images with resampling: insert zeros, pad or crop, convolve, keep every n-th pixel.
// Images are float or bfloat16; sums and what lies between the two axes are float.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "numbers.h"
#include "parallel.h"

namespace synthmr {

// Images [samples, size, size, channels] become [samples, filtered, filtered, channels].
struct FilterProblem {
  int64_t samples, size, channels, filtered;
  int64_t up, down, before, count;  // zeros are inserted, pixels kept, zeros put before; taps
  const float* taps;
};

// What one place of a filtered axis is mixed from: pixels first, first + 1, ...
struct Mixture {
  int64_t first, count;
  const float* weights;
};

// The mixtures of all places of an axis: place o takes tap T - 1 - (i up + before - o down) of pixel i.
class Mixtures {
 public:
  explicit Mixtures(const FilterProblem& p) {
    const int64_t most = (p.count + p.up - 1) / p.up;
    weights_.resize(p.filtered * most);
    for (int64_t o = 0; o < p.filtered; o++) {
      const int64_t low = o * p.down - p.before, high = low + p.count - 1;
      const int64_t first = std::max<int64_t>(0, low <= 0 ? 0 : (low + p.up - 1) / p.up);
      const int64_t last = high < 0 ? -1 : std::min(p.size - 1, high / p.up);
      float* weights = weights_.data() + o * most;
      for (int64_t i = first; i <= last; i++) weights[i - first] = p.taps[p.count - 1 - (i * p.up - low)];
      places_.push_back({first, std::max<int64_t>(0, last - first + 1), weights});
    }
  }
  const Mixture& operator[](int64_t place) const { return places_[place]; }

 private:
  std::vector<float> weights_;
  std::vector<Mixture> places_;
};

template <int kWidth, class From, class To>
SYNTHMR_INLINE void MixColumns(const From* from, int64_t stride, const Mixture& m, To* __restrict to) {
  float sums[kWidth] = {};
  for (int64_t k = 0; k < m.count; k++) {
    const float weight = m.weights[k];
    const From* __restrict row = from + (m.first + k) * stride;
    for (int j = 0; j < kWidth; j++) sums[j] += weight * Load(row + j);
  }
  for (int j = 0; j < kWidth; j++) Store(to + j, sums[j]);
}

// to[j] = sum over the mixture of weight times from[pixel * stride + j], for j below `width`.
template <class From, class To>
SYNTHMR_INLINE void Mix(const From* from, int64_t stride, const Mixture& m, int64_t width, To* to) {
  int64_t j = 0;
  for (; j + 32 <= width; j += 32) MixColumns<32>(from + j, stride, m, to + j);
  for (; j + 8 <= width; j += 8) MixColumns<8>(from + j, stride, m, to + j);
  for (; j < width; j++) MixColumns<1>(from + j, stride, m, to + j);
}

// Rows of the result, counted over all samples: first along the height into `line`, then along the width.
template <class T>
SYNTHMR_INLINE void FilterRowsAs(const FilterProblem& p, const Mixtures& mixtures, int64_t first, int64_t count,
                                 const T* x, T* y, float* line) {
  const int64_t width = p.size * p.channels;
  for (int64_t row = first; row < first + count; row++) {
    const int64_t sample = row / p.filtered, place = row % p.filtered;
    Mix(x + sample * p.size * width, width, mixtures[place], width, line);
    T* to = y + row * p.filtered * p.channels;
    for (int64_t o = 0; o < p.filtered; o++) Mix(line, p.channels, mixtures[o], p.channels, to + o * p.channels);
  }
}

SYNTHMR_CLONES void FilterRows(const FilterProblem& p, const Mixtures& m, int64_t first, int64_t count,
                               const float* x, float* y, float* line) {
  FilterRowsAs(p, m, first, count, x, y, line);
}
SYNTHMR_CLONES void FilterRows(const FilterProblem& p, const Mixtures& m, int64_t first, int64_t count,
                               const Bfloat16* x, Bfloat16* y, float* line) {
  FilterRowsAs(p, m, first, count, x, y, line);
}

template <class T>
void FilterImages(const FilterProblem& p, const T* x, T* y) {
  constexpr int64_t kRows = 8;
  const Mixtures mixtures(p);
  ForStretches(p.samples * p.filtered, kRows, [&](int64_t first, int64_t count) {
    thread_local std::vector<float> line;
    line.resize(p.size * p.channels);
    FilterRows(p, mixtures, first, count, x, y, line.data());
  });
}

}  // namespace synthmr
