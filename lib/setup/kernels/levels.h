// Images in whole numbers of 6 bits: what a processor multiplies half as fast again as floats, or faster.
#pragma once

#include <cmath>

#include "numbers.h"

namespace synthmr {

// The largest level: 8 sums of 2 products with what is moved by kLevelShift fit into 16 bits.
constexpr int kLargestLevel = 31;
// Added to the levels of queries, which the instruction takes as numbers without sign.
constexpr int kLevelShift = 32;
// Levels of an image, filled up with those of value 0.
constexpr int64_t kLevelStep = 32;

inline int64_t PaddedLevels(int64_t pixels) { return (pixels + kLevelStep - 1) / kLevelStep * kLevelStep; }

// What is known of an image; one row of a tensor of floats.
struct LevelFacts {
  float mean, inverse;  // of the grey values: mean, and one over the norm of their differences; 0 if constant
  float step;           // between two levels, for the image at unit norm
  float norm;           // of the levels times their step
  float sum;            // of the levels, without kLevelShift
};
constexpr int64_t kLevelFacts = sizeof(LevelFacts) / sizeof(float);

// Numbers in [0, 1) that follow from a position and a role alone.
SYNTHMR_INLINE float Dither(uint32_t position, uint32_t role) {
  uint32_t h = position * 0x9e3779b1u + role * 0x85ebca77u + 0x27d4eb2fu;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  h ^= h >> 15;
  return static_cast<float>(static_cast<int32_t>(h >> 8)) * (1.0f / 16777216.0f);
}

SYNTHMR_CLONES void DrawDither(int64_t count, uint32_t role, float* __restrict dither) {
  for (int64_t i = 0; i < count; i++) dither[i] = Dither(static_cast<uint32_t>(i), role);
}

constexpr int kLanes = 16;

// Centres an image, scales it so that the largest difference is the largest level, and rounds up or down by the
// dither: every level is right in the mean over all dithers, so that errors of products of many cancel.
SYNTHMR_CLONES LevelFacts ToLevels(int64_t pixels, const float* __restrict x, const float* __restrict dither,
                                   int shift, int8_t* __restrict levels) {
  // Differences to one of the values: a constant image has sums of exactly 0.
  const float origin = x[0];
  float sum[kLanes] = {}, squares[kLanes] = {}, low[kLanes] = {}, high[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= pixels; i += kLanes)
    for (int lane = 0; lane < kLanes; lane++) {
      const float value = x[i + lane] - origin;
      sum[lane] += value;
      low[lane] = std::min(low[lane], value);
      high[lane] = std::max(high[lane], value);
    }
  for (; i < pixels; i++) {
    const float value = x[i] - origin;
    sum[0] += value;
    low[0] = std::min(low[0], value);
    high[0] = std::max(high[0], value);
  }
  double total = 0;
  for (int lane = 0; lane < kLanes; lane++) {
    total += sum[lane];
    low[0] = std::min(low[0], low[lane]);
    high[0] = std::max(high[0], high[lane]);
  }
  LevelFacts facts = {};
  const int64_t padded = PaddedLevels(pixels);
  facts.mean = static_cast<float>(origin + total / pixels);
  if (low[0] == high[0]) {
    std::memset(levels, shift, padded);
    return facts;
  }
  const float mean = facts.mean;
  const float largest = std::max(origin + high[0] - mean, mean - (origin + low[0]));
  const float scale = (kLargestLevel - 0.01f) / largest;
  int32_t level_sum = 0, level_squares = 0;
  for (i = 0; i + kLanes <= pixels; i += kLanes)
    for (int lane = 0; lane < kLanes; lane++) {
      const float value = x[i + lane] - mean;
      squares[lane] += value * value;
    }
  for (; i < pixels; i++) squares[0] += (x[i] - mean) * (x[i] - mean);
  for (i = 0; i < pixels; i++) {
    // Moved to above 0, where cutting off rounds down.
    const int32_t level = static_cast<int32_t>((x[i] - mean) * scale + dither[i] + 64.0f) - 64;
    level_sum += level;
    level_squares += level * level;
    levels[i] = static_cast<int8_t>(level + shift);
  }
  std::memset(levels + pixels, shift, padded - pixels);
  double spread = 0;
  for (int lane = 0; lane < kLanes; lane++) spread += squares[lane];
  const double inverse = 1 / std::sqrt(spread);
  facts.inverse = static_cast<float>(inverse);
  facts.step = static_cast<float>(inverse / scale);
  facts.norm = static_cast<float>(inverse / scale * std::sqrt(static_cast<double>(level_squares)));
  facts.sum = static_cast<float>(level_sum);
  return facts;
}

}  // namespace synthmr
