// Layer norm of rows of features, and GELU: what a transformer does between its products.
#pragma once

#include <cmath>
#include <vector>

#include "numbers.h"
#include "parallel.h"

namespace synthmr {

struct LayerNormRows {
  int64_t rows, features;
  float epsilon;
  const float *x, *gamma, *beta, *dy;
  float *y, *mean, *inverse, *dx;
};

SYNTHMR_CLONES void NormaliseRows(const LayerNormRows& r) {
  const int64_t features = r.features;
  for (int64_t row = 0; row < r.rows; row++) {
    const float *__restrict x = r.x + row * features, *__restrict gamma = r.gamma, *__restrict beta = r.beta;
    float* __restrict y = r.y + row * features;
    // Sums in a fixed order of 16 lanes, which become vector instructions.
    float sum[16] = {}, squares[16] = {};
    int64_t i = 0;
    for (; i + 16 <= features; i += 16)
      for (int lane = 0; lane < 16; lane++) sum[lane] += x[i + lane];
    for (; i < features; i++) sum[0] += x[i];
    float total = 0.0f;
    for (int lane = 0; lane < 16; lane++) total += sum[lane];
    const float mean = total / features;
    for (i = 0; i + 16 <= features; i += 16)
      for (int lane = 0; lane < 16; lane++) squares[lane] += (x[i + lane] - mean) * (x[i + lane] - mean);
    for (; i < features; i++) squares[0] += (x[i] - mean) * (x[i] - mean);
    total = 0.0f;
    for (int lane = 0; lane < 16; lane++) total += squares[lane];
    const float inverse = 1.0f / std::sqrt(total / features + r.epsilon);
    for (i = 0; i < features; i++) y[i] = (x[i] - mean) * inverse * gamma[i] + beta[i];
    r.mean[row] = mean;
    r.inverse[row] = inverse;
  }
}

// dx, and the sums over the rows of dy xhat and dy.
SYNTHMR_CLONES void DifferentiateRows(const LayerNormRows& r, float* __restrict dgamma,
                                             float* __restrict dbeta) {
  const int64_t features = r.features;
  for (int64_t i = 0; i < features; i++) dgamma[i] = dbeta[i] = 0.0f;
  for (int64_t row = 0; row < r.rows; row++) {
    const float *__restrict x = r.x + row * features, *__restrict dy = r.dy + row * features;
    const float* __restrict gamma = r.gamma;
    float* __restrict dx = r.dx + row * features;
    const float mean = r.mean[row], inverse = r.inverse[row];
    float sum[16] = {}, product[16] = {};
    int64_t i = 0;
    for (; i + 16 <= features; i += 16)
      for (int lane = 0; lane < 16; lane++) {
        const float g = dy[i + lane] * gamma[i + lane];
        sum[lane] += g;
        product[lane] += g * ((x[i + lane] - mean) * inverse);
      }
    for (; i < features; i++) {
      const float g = dy[i] * gamma[i];
      sum[0] += g;
      product[0] += g * ((x[i] - mean) * inverse);
    }
    float along_mean = 0.0f, along_spread = 0.0f;
    for (int lane = 0; lane < 16; lane++) along_mean += sum[lane], along_spread += product[lane];
    along_mean /= features;
    along_spread /= features;
    for (i = 0; i < features; i++) {
      const float hat = (x[i] - mean) * inverse;
      dx[i] = (dy[i] * gamma[i] - along_mean - hat * along_spread) * inverse;
      dgamma[i] += dy[i] * hat;
      dbeta[i] += dy[i];
    }
  }
}

// Error function within 1.5e-7: Abramowitz and Stegun, 7.1.26.
SYNTHMR_INLINE float Erf(float x) {
  const float a = x < 0.0f ? -x : x;
  const float t = 1.0f / (1.0f + 0.3275911f * a);
  const float p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
  const float e = 1.0f - p * Exp(-a * a);
  return x < 0.0f ? -e : e;
}

SYNTHMR_CLONES void Gelu(int64_t count, const float* __restrict x, float* __restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = 0.5f * x[i] * (1.0f + Erf(x[i] * 0.70710678f));
}

SYNTHMR_CLONES void GeluGradient(int64_t count, const float* __restrict dy, const float* __restrict x,
                                        float* __restrict dx) {
  for (int64_t i = 0; i < count; i++) {
    const float density = 0.39894228f * Exp(-0.5f * x[i] * x[i]);
    dx[i] = dy[i] * (0.5f * (1.0f + Erf(x[i] * 0.70710678f)) + x[i] * density);
  }
}

}  // namespace synthmr
