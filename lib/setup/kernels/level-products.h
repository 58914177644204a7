// Products of rows of levels, by the instruction of AVX2 that multiplies and adds bytes.
#pragma once

#include "levels.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define SYNTHMR_LEVELS 1
#include <immintrin.h>
#endif

namespace synthmr {

// Rows of one side and of the other that are multiplied at once: their sums stay in registers.
constexpr int kTileRows = 4, kTileVectors = 3, kTileColumns = 8 * kTileVectors;
constexpr int64_t kTileValues = kTileRows * kTileColumns;

// Puts images side by side, 4 levels of each in turn, so that a vector holds levels of 8 images.
inline void PackLevels(const int32_t* levels, int64_t quads, int64_t images, int32_t* packed) {
  for (int64_t column = 0; column < kTileColumns; column++)
    for (int64_t q = 0; q < quads; q++)
      packed[q * kTileColumns + column] = column < images ? levels[column * quads + q] : 0;
}

#ifdef SYNTHMR_LEVELS
// sums [kTileRows, kTileColumns] of products of rows of levels without sign with packed ones with sign.
__attribute__((target("avx2"))) inline void MultiplyLevels(const int32_t* const rows[kTileRows],
                                                           const int32_t* packed, int64_t quads, int32_t* sums) {
  // Each is added to 16 bits as often as fits, then to 32.
  constexpr int64_t kDeep = kLevelStep / 4;
  const __m256i ones = _mm256_set1_epi16(1);
  std::memset(sums, 0, kTileValues * sizeof *sums);
  for (int64_t first = 0; first < quads; first += kDeep) {
    __m256i sum[kTileRows][kTileVectors];
#pragma GCC unroll 4
    for (int r = 0; r < kTileRows; r++)
#pragma GCC unroll 3
      for (int c = 0; c < kTileVectors; c++) sum[r][c] = _mm256_setzero_si256();
    for (int64_t q = first; q < first + kDeep; q++) {
      const __m256i* columns = reinterpret_cast<const __m256i*>(packed + q * kTileColumns);
#pragma GCC unroll 4
      for (int r = 0; r < kTileRows; r++) {
        const __m256i row = _mm256_set1_epi32(rows[r][q]);
#pragma GCC unroll 3
        for (int c = 0; c < kTileVectors; c++)
          sum[r][c] = _mm256_add_epi16(sum[r][c], _mm256_maddubs_epi16(row, _mm256_loadu_si256(columns + c)));
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < kTileRows; r++)
#pragma GCC unroll 3
      for (int c = 0; c < kTileVectors; c++) {
        __m256i* wide = reinterpret_cast<__m256i*>(sums) + r * kTileVectors + c;
        const __m256i more = _mm256_madd_epi16(sum[r][c], ones);
        _mm256_storeu_si256(wide, _mm256_add_epi32(_mm256_loadu_si256(wide), more));
      }
  }
}
#endif

}  // namespace synthmr
