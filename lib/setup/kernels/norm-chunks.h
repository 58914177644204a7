// The inner loops of normalisation: a few pixels of one image, all channels.
#pragma once

#include "numbers.h"

namespace synthmr {

// What follows a normalisation.
enum After { kNothing = 0, kSilu = 1, kRelu = 2 };

// Pixels of one image, channels side by side, and what is done to each channel: v = leaky(x + shift), then
// z = v slope + level, then y = after(z).
template <class X, class Y>
struct NormChunk {
  int64_t pixels;
  int64_t channels;
  float before;  // slope of the rectifier where x + shift is negative; 1: no rectifier
  int after;
  const X* x;
  Y* y;
  const Y* dy;
  X* dx;
  const float* shift;
  const float* slope;
  const float* level;
  const float* mean;
  const float* inverse;
  // dx = (g gain - along_mean - xhat along_spread) inverse, gathered as g slope + v spread + rest.
  const float* spread;
  const float* rest;
};

template <class X>
SYNTHMR_INLINE float Rectified(const X* x, float shift, float before) {
  const float v = Load(x) + shift;
  return v > 0.0f ? v : v * before;
}

// d after(z) / dz.
template <int kAfter>
SYNTHMR_INLINE float AfterSlope(float z) {
  if (kAfter == kNothing) return 1.0f;
  if (kAfter == kRelu) return z > 0.0f ? 1.0f : 0.0f;
  const float s = Sigmoid(z);
  return s * (1.0f + z * (1.0f - s));
}

// Mean and sum of squared differences from it, of each channel.
template <class X, class Y>
SYNTHMR_INLINE void StatisticsOf(const NormChunk<X, Y>& c, float* __restrict mean, float* __restrict squares) {
  const int64_t channels = c.channels;
  const float before = c.before;
  const float* __restrict shift = c.shift;
  for (int64_t k = 0; k < channels; k++) mean[k] = squares[k] = 0.0f;
  for (int64_t p = 0; p < c.pixels; p++) {
    const X* __restrict x = c.x + p * channels;
    for (int64_t k = 0; k < channels; k++) mean[k] += Rectified(x + k, shift[k], before);
  }
  for (int64_t k = 0; k < channels; k++) mean[k] /= c.pixels;
  for (int64_t p = 0; p < c.pixels; p++) {
    const X* __restrict x = c.x + p * channels;
    for (int64_t k = 0; k < channels; k++) {
      const float d = Rectified(x + k, shift[k], before) - mean[k];
      squares[k] += d * d;
    }
  }
}

template <int kAfter, class X, class Y>
SYNTHMR_INLINE void ApplyAs(const NormChunk<X, Y>& c) {
  const int64_t channels = c.channels;
  const float before = c.before;
  const float *__restrict shift = c.shift, *__restrict slope = c.slope, *__restrict level = c.level;
  for (int64_t p = 0; p < c.pixels; p++) {
    const X* __restrict x = c.x + p * channels;
    Y* __restrict y = c.y + p * channels;
    for (int64_t k = 0; k < channels; k++) {
      const float z = Rectified(x + k, shift[k], before) * slope[k] + level[k];
      Store(y + k, kAfter == kSilu ? z * Sigmoid(z) : kAfter == kRelu ? std::max(z, 0.0f) : z);
    }
  }
}

template <class X, class Y>
SYNTHMR_INLINE void ApplyTo(const NormChunk<X, Y>& c) {
  if (c.after == kSilu) return ApplyAs<kSilu>(c);
  if (c.after == kRelu) return ApplyAs<kRelu>(c);
  ApplyAs<kNothing>(c);
}

// Sums of g = dL/dz and of g xhat, of each channel.
template <int kAfter, class X, class Y>
SYNTHMR_INLINE void SumsAs(const NormChunk<X, Y>& c, float* __restrict sum, float* __restrict product) {
  const int64_t channels = c.channels;
  const float before = c.before;
  const float *__restrict shift = c.shift, *__restrict slope = c.slope, *__restrict level = c.level;
  const float* __restrict mean = c.mean;
  for (int64_t k = 0; k < channels; k++) sum[k] = product[k] = 0.0f;
  for (int64_t p = 0; p < c.pixels; p++) {
    const X* __restrict x = c.x + p * channels;
    const Y* __restrict dy = c.dy + p * channels;
    for (int64_t k = 0; k < channels; k++) {
      const float v = Rectified(x + k, shift[k], before);
      const float g = Load(dy + k) * AfterSlope<kAfter>(v * slope[k] + level[k]);
      sum[k] += g;
      product[k] += g * (v - mean[k]);
    }
  }
  for (int64_t k = 0; k < channels; k++) product[k] *= c.inverse[k];
}

template <class X, class Y>
SYNTHMR_INLINE void SumsOf(const NormChunk<X, Y>& c, float* sum, float* product) {
  if (c.after == kSilu) return SumsAs<kSilu>(c, sum, product);
  if (c.after == kRelu) return SumsAs<kRelu>(c, sum, product);
  SumsAs<kNothing>(c, sum, product);
}

// dx, and its sum of each channel.
template <int kAfter, class X, class Y>
SYNTHMR_INLINE void GradientAs(const NormChunk<X, Y>& c, float* __restrict sum) {
  const int64_t channels = c.channels;
  const float before = c.before;
  const float *__restrict shift = c.shift, *__restrict slope = c.slope, *__restrict level = c.level;
  const float *__restrict spread = c.spread, *__restrict rest = c.rest;
  for (int64_t k = 0; k < channels; k++) sum[k] = 0.0f;
  for (int64_t p = 0; p < c.pixels; p++) {
    const X* __restrict x = c.x + p * channels;
    const Y* __restrict dy = c.dy + p * channels;
    X* __restrict dx = c.dx + p * channels;
    for (int64_t k = 0; k < channels; k++) {
      const float u = Load(x + k) + shift[k];
      const float v = u > 0.0f ? u : u * before;
      const float g = Load(dy + k) * AfterSlope<kAfter>(v * slope[k] + level[k]);
      const float d = g * slope[k] + (v * spread[k] + rest[k]);
      const float e = u > 0.0f ? d : d * before;
      Store(dx + k, e);
      sum[k] += e;
    }
  }
}

template <class X, class Y>
SYNTHMR_INLINE void GradientOf(const NormChunk<X, Y>& c, float* sum) {
  if (c.after == kSilu) return GradientAs<kSilu>(c, sum);
  if (c.after == kRelu) return GradientAs<kRelu>(c, sum);
  GradientAs<kNothing>(c, sum);
}

// One function a format, since only functions that are no templates can be compiled several times.
#define SYNTHMR_NORM_CHUNKS(X, Y)                                                              \
  SYNTHMR_CLONES void Statistics(const NormChunk<X, Y>& c, float* mean, float* squares) {      \
    StatisticsOf(c, mean, squares);                                                            \
  }                                                                                            \
  SYNTHMR_CLONES void Apply(const NormChunk<X, Y>& c) { ApplyTo(c); }                          \
  SYNTHMR_CLONES void Sums(const NormChunk<X, Y>& c, float* sum, float* product) {             \
    SumsOf(c, sum, product);                                                                   \
  }                                                                                            \
  SYNTHMR_CLONES void Gradient(const NormChunk<X, Y>& c, float* sum) { GradientOf(c, sum); }

SYNTHMR_NORM_CHUNKS(float, float)
SYNTHMR_NORM_CHUNKS(float, Bfloat16)
SYNTHMR_NORM_CHUNKS(Bfloat16, float)
SYNTHMR_NORM_CHUNKS(Bfloat16, Bfloat16)

}  // namespace synthmr
