// The filter of images as an operation of TensorFlow.
#pragma once

#include "filter.h"
#include "tensorflow.h"

namespace synthmr {

template <class T>
class FilterKernel {
 public:
  explicit FilterKernel(Attributes& attributes)
      : up_(attributes.Integer("up")),
        down_(attributes.Integer("down")),
        before_(attributes.Integer("before")),
        size_(attributes.Integer("size")) {}

  // Square images and the taps; `size` is that of the result.
  void Compute(Context& context) const {
    const Value x = context.Input(0), taps = context.Input(1);
    const std::vector<int64_t> shape = x.Shape();
    if (shape.size() != 4 || shape[1] != shape[2] || taps.Count() < 1 || up_ < 1 || down_ < 1 || size_ < 1)
      throw std::invalid_argument("a filter needs square images and taps");
    const Value y = context.Output(0, sizeof(T) == 2 ? TF_BFLOAT16 : TF_FLOAT, {shape[0], size_, size_, shape[3]});
    if (y.Count() == 0) return;
    FilterImages({shape[0], shape[1], shape[3], size_, up_, down_, before_, taps.Count(), taps.Data<float>()},
                 x.Data<T>(), y.Data<T>());
  }

 private:
  int64_t up_, down_, before_, size_;
};

inline void RegisterFilter() {
  RegisterOperation({"SynthmrFilter",
                     {"x: T", "taps: float"},
                     {"y: T"},
                     {"T: {float, bfloat16}", "up: int", "down: int", "before: int", "size: int"}});
  RegisterKernel<FilterKernel<float>>("SynthmrFilter", {{"T", TF_FLOAT}});
  RegisterKernel<FilterKernel<Bfloat16>>("SynthmrFilter", {{"T", TF_BFLOAT16}});
}

}  // namespace synthmr
