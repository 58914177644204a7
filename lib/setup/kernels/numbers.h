// Number formats and elementary functions in a form that compilers turn into vector instructions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

// A function is compiled for the newest vector instructions and for older ones; the loader takes what runs.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#if __GNUC__ >= 12
#define SYNTHMR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SYNTHMR_CLONES __attribute__((target_clones("arch=haswell", "default")))
#endif
#else
#define SYNTHMR_CLONES
#endif
#define SYNTHMR_INLINE inline __attribute__((always_inline))

namespace synthmr {

// The upper half of a float.
struct Bfloat16 {
  uint16_t bits;
};

SYNTHMR_INLINE float Load(const float* p) { return *p; }
SYNTHMR_INLINE float Load(const Bfloat16* p) {
  const uint32_t bits = static_cast<uint32_t>(p->bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

SYNTHMR_INLINE void Store(float* p, float value) { *p = value; }
// Rounds to the nearest, of two to the even one.
SYNTHMR_INLINE void Store(Bfloat16* p, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  p->bits = static_cast<uint16_t>(value == value ? rounded : 0x7fc0);
}

// Relative error below 1e-7 between -87 and 88; beyond, the value at the border.
SYNTHMR_INLINE float Exp(float x) {
  x = std::min(88.0f, std::max(-87.0f, x));
  const float shifted = x * 1.44269504f + 12582912.0f;  // the whole number stands in the lowest bits
  const float k = shifted - 12582912.0f;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(k) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

SYNTHMR_INLINE float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

}  // namespace synthmr
