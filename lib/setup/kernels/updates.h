// What optimizers do to every value of a network, in one pass.
#pragma once

#include <cmath>

#include "numbers.h"

namespace synthmr {

// Of one update; rate and epsilon hold the corrections of the moments' bias.
struct AdamSettings {
  float beta1, rest1, beta2, rest2;  // rest: 1 - beta, rounded from double precision
  float rate, epsilon;
  float decay_rate;  // times a value's own decay: the share that is taken off it
};

struct AdamStretch {
  int64_t count;
  const float *values, *gradient, *first, *second, *decay;
  float *new_values, *new_first, *new_second;
};

template <bool kDecays>
SYNTHMR_INLINE void AdamAs(const AdamSettings& s, const AdamStretch& a) {
  const float *__restrict p = a.values, *__restrict g = a.gradient, *__restrict decay = a.decay;
  const float *__restrict m = a.first, *__restrict v = a.second;
  float *__restrict new_p = a.new_values, *__restrict new_m = a.new_first, *__restrict new_v = a.new_second;
  for (int64_t i = 0; i < a.count; i++) {
    new_m[i] = m[i] * s.beta1 + g[i] * s.rest1;
    new_v[i] = v[i] * s.beta2 + g[i] * g[i] * s.rest2;
    const float kept = kDecays ? p[i] - p[i] * decay[i] * s.decay_rate : p[i];
    new_p[i] = kept - new_m[i] * s.rate / (std::sqrt(new_v[i]) + s.epsilon);
  }
}

SYNTHMR_CLONES void Adam(const AdamSettings& s, const AdamStretch& a) { AdamAs<false>(s, a); }
SYNTHMR_CLONES void AdamWithDecay(const AdamSettings& s, const AdamStretch& a) { AdamAs<true>(s, a); }

}  // namespace synthmr
