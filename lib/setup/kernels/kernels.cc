// Registers the project's own operations with TensorFlow.
#include <node_api.h>

#include "filter-kernel.h"
#include "nearest-kernels.h"
#include "norm.h"
#include "rows.h"
#include "tensorflow.h"
#include "updates.h"

namespace synthmr {
namespace {

template <class T>
constexpr TF_DataType TypeOf() {
  return sizeof(T) == 2 ? TF_BFLOAT16 : TF_FLOAT;
}

// What both directions of normalisation share.
class NormKernel {
 public:
  explicit NormKernel(Attributes& attributes)
      : groups_(attributes.Integer("groups")),
        epsilon_(attributes.Float("epsilon")),
        before_(attributes.Float("before")),
        after_(static_cast<int>(attributes.Integer("after"))) {}

 protected:
  // x [N, ..., C]; rows [1 or N, C].
  NormProblem Problem(const Value& x, const Value& shift, const Value& gain, const Value& offset) const {
    const std::vector<int64_t> shape = x.Shape();
    if (shape.size() < 2 || x.Count() == 0) throw std::invalid_argument("a norm needs samples and channels");
    NormProblem p = {};
    p.samples = shape.front();
    p.channels = shape.back();
    p.pixels = x.Count() / p.samples / p.channels;
    p.groups = groups_;
    if (groups_ < 1 || p.channels % groups_ != 0)
      throw std::invalid_argument("the channels do not form these groups");
    p.epsilon = epsilon_;
    p.before = before_;
    p.after = after_;
    p.shift = Rows(shift, p);
    p.gain = Rows(gain, p);
    p.offset = Rows(offset, p);
    return p;
  }

 private:
  static PerChannel Rows(const Value& value, const NormProblem& p) {
    const bool each = value.Count() == p.samples * p.channels;
    if (!each && value.Count() != p.channels)
      throw std::invalid_argument("a norm needs one value a channel, for all samples or for each");
    return {value.Data<float>(), each};
  }

  int64_t groups_;
  float epsilon_, before_;
  int after_;
};

template <class X, class Y>
class NormForwardKernel : public NormKernel {
 public:
  using NormKernel::NormKernel;
  void Compute(Context& context) const {
    const Value x = context.Input(0), shift = context.Input(1), gain = context.Input(2), offset = context.Input(3);
    const NormProblem p = Problem(x, shift, gain, offset);
    const Value y = context.Output(0, TypeOf<Y>(), x.Shape());
    const Value mean = context.Output(1, TF_FLOAT, {p.samples, p.channels});
    const Value inverse = context.Output(2, TF_FLOAT, {p.samples, p.channels});
    NormForward(p, x.Data<X>(), y.Data<Y>(), mean.Data<float>(), inverse.Data<float>());
  }
};

template <class X, class Y>
class NormBackwardKernel : public NormKernel {
 public:
  using NormKernel::NormKernel;
  void Compute(Context& context) const {
    const Value dy = context.Input(0), x = context.Input(1);
    const Value shift = context.Input(2), gain = context.Input(3), offset = context.Input(4);
    const Value mean = context.Input(5), inverse = context.Input(6);
    const NormProblem p = Problem(x, shift, gain, offset);
    const Value dx = context.Output(0, TypeOf<X>(), x.Shape());
    const Value dshift = context.Output(1, TF_FLOAT, shift.Shape());
    const Value dgain = context.Output(2, TF_FLOAT, gain.Shape());
    const Value doffset = context.Output(3, TF_FLOAT, offset.Shape());
    NormBackward(p, dy.Data<Y>(), x.Data<X>(), mean.Data<float>(), inverse.Data<float>(), dx.Data<X>(),
                 dshift.Data<float>(), dgain.Data<float>(), doffset.Data<float>());
  }
};

template <class X, class Y>
void RegisterNorm() {
  const std::vector<std::pair<const char*, TF_DataType>> types = {{"X", TypeOf<X>()}, {"Y", TypeOf<Y>()}};
  RegisterKernel<NormForwardKernel<X, Y>>("SynthmrNorm", types);
  RegisterKernel<NormBackwardKernel<X, Y>>("SynthmrNormGrad", types);
}

class LayerNormKernel {
 public:
  explicit LayerNormKernel(Attributes& attributes) : epsilon_(attributes.Float("epsilon")) {}

 protected:
  // x [rows, features].
  LayerNormRows Rows(const Value& x, const Value& gamma) const {
    const std::vector<int64_t> shape = x.Shape();
    if (shape.size() != 2 || x.Count() == 0 || gamma.Count() != shape[1])
      throw std::invalid_argument("a layer norm needs rows of features");
    LayerNormRows r = {};
    r.rows = shape[0];
    r.features = shape[1];
    r.epsilon = epsilon_;
    r.x = x.Data<float>();
    r.gamma = gamma.Data<float>();
    return r;
  }
  // How many rows one thread takes at a time.
  static int64_t Stretch(int64_t features) { return std::max<int64_t>(1, 32768 / features); }

 private:
  float epsilon_;
};

class LayerNormForwardKernel : public LayerNormKernel {
 public:
  using LayerNormKernel::LayerNormKernel;
  void Compute(Context& context) const {
    const Value x = context.Input(0), gamma = context.Input(1), beta = context.Input(2);
    LayerNormRows all = Rows(x, gamma);
    const Value y = context.Output(0, TF_FLOAT, x.Shape());
    const Value mean = context.Output(1, TF_FLOAT, {all.rows});
    const Value inverse = context.Output(2, TF_FLOAT, {all.rows});
    ForStretches(all.rows, Stretch(all.features), [&](int64_t first, int64_t count) {
      LayerNormRows r = all;
      r.rows = count;
      r.x += first * r.features;
      r.beta = beta.Data<float>();
      r.y = y.Data<float>() + first * r.features;
      r.mean = mean.Data<float>() + first;
      r.inverse = inverse.Data<float>() + first;
      NormaliseRows(r);
    });
  }
};

class LayerNormBackwardKernel : public LayerNormKernel {
 public:
  using LayerNormKernel::LayerNormKernel;
  void Compute(Context& context) const {
    const Value dy = context.Input(0), x = context.Input(1), gamma = context.Input(2);
    const Value mean = context.Input(3), inverse = context.Input(4);
    LayerNormRows all = Rows(x, gamma);
    const Value dx = context.Output(0, TF_FLOAT, x.Shape());
    const Value dgamma = context.Output(1, TF_FLOAT, {all.features});
    const Value dbeta = context.Output(2, TF_FLOAT, {all.features});
    const int64_t stretch = Stretch(all.features), width = 2 * all.features;
    std::vector<float> parts((all.rows + stretch - 1) / stretch * width);
    ForStretches(all.rows, stretch, [&](int64_t first, int64_t count) {
      LayerNormRows r = all;
      r.rows = count;
      r.x += first * r.features;
      r.dy = dy.Data<float>() + first * r.features;
      r.dx = dx.Data<float>() + first * r.features;
      r.mean = mean.Data<float>() + first;
      r.inverse = inverse.Data<float>() + first;
      float* part = &parts[first / stretch * width];
      DifferentiateRows(r, part, part + r.features);
    });
    for (int64_t k = 0; k < all.features; k++) {
      double gamma_sum = 0, beta_sum = 0;
      for (size_t i = 0; i < parts.size(); i += width)
        gamma_sum += parts[i + k], beta_sum += parts[i + all.features + k];
      dgamma.Data<float>()[k] = static_cast<float>(gamma_sum);
      dbeta.Data<float>()[k] = static_cast<float>(beta_sum);
    }
  }
};

constexpr int64_t kStretch = 1 << 15;

class GeluForwardKernel {
 public:
  explicit GeluForwardKernel(Attributes&) {}
  void Compute(Context& context) const {
    const Value x = context.Input(0);
    const Value y = context.Output(0, TF_FLOAT, x.Shape());
    ForStretches(x.Count(), kStretch, [&](int64_t first, int64_t count) {
      Gelu(count, x.Data<float>() + first, y.Data<float>() + first);
    });
  }
};

class GeluBackwardKernel {
 public:
  explicit GeluBackwardKernel(Attributes&) {}
  void Compute(Context& context) const {
    const Value dy = context.Input(0), x = context.Input(1);
    const Value dx = context.Output(0, TF_FLOAT, x.Shape());
    ForStretches(x.Count(), kStretch, [&](int64_t first, int64_t count) {
      GeluGradient(count, dy.Data<float>() + first, x.Data<float>() + first, dx.Data<float>() + first);
    });
  }
};

class AdamKernel {
 public:
  explicit AdamKernel(Attributes&) {}
  // Four vectors of one length; the decay of each value, or none; the settings, which change with every update.
  void Compute(Context& context) const {
    const Value values = context.Input(0), gradient = context.Input(1);
    const Value first = context.Input(2), second = context.Input(3);
    const Value decay = context.Input(4), settings = context.Input(5);
    const int64_t count = values.Count();
    if (gradient.Count() != count || first.Count() != count || second.Count() != count ||
        (decay.Count() != 0 && decay.Count() != count) || settings.Count() * sizeof(float) != sizeof(AdamSettings))
      throw std::invalid_argument("Adam needs vectors of one length");
    const Value new_values = context.Output(0, TF_FLOAT, values.Shape());
    const Value new_first = context.Output(1, TF_FLOAT, values.Shape());
    const Value new_second = context.Output(2, TF_FLOAT, values.Shape());
    AdamSettings s;
    std::memcpy(&s, settings.Data<float>(), sizeof s);
    const bool decays = decay.Count() > 0;
    ForStretches(count, kStretch, [&](int64_t at, int64_t size) {
      const AdamStretch a = {size,
                             values.Data<float>() + at,
                             gradient.Data<float>() + at,
                             first.Data<float>() + at,
                             second.Data<float>() + at,
                             decays ? decay.Data<float>() + at : nullptr,
                             new_values.Data<float>() + at,
                             new_first.Data<float>() + at,
                             new_second.Data<float>() + at};
      decays ? AdamWithDecay(s, a) : Adam(s, a);
    });
  }
};

void RegisterUpdates() {
  RegisterOperation({"SynthmrAdam",
                     {"values: float", "gradient: float", "first: float", "second: float", "decay: float",
                      "settings: float"},
                     {"new_values: float", "new_first: float", "new_second: float"},
                     {}});
  RegisterKernel<AdamKernel>("SynthmrAdam", {});
}

void RegisterRows() {
  RegisterOperation({"SynthmrLayerNorm",
                     {"x: float", "gamma: float", "beta: float"},
                     {"y: float", "mean: float", "inverse: float"},
                     {"epsilon: float"}});
  RegisterOperation({"SynthmrLayerNormGrad",
                     {"dy: float", "x: float", "gamma: float", "mean: float", "inverse: float"},
                     {"dx: float", "dgamma: float", "dbeta: float"},
                     {"epsilon: float"}});
  RegisterOperation({"SynthmrGelu", {"x: float"}, {"y: float"}, {}});
  RegisterOperation({"SynthmrGeluGrad", {"dy: float", "x: float"}, {"dx: float"}, {}});
  RegisterKernel<LayerNormForwardKernel>("SynthmrLayerNorm", {});
  RegisterKernel<LayerNormBackwardKernel>("SynthmrLayerNormGrad", {});
  RegisterKernel<GeluForwardKernel>("SynthmrGelu", {});
  RegisterKernel<GeluBackwardKernel>("SynthmrGeluGrad", {});
}

void RegisterAll() {
  RegisterRows();
  RegisterUpdates();
  RegisterNearest();
  RegisterFilter();
  const std::vector<const char*> attributes = {"X: {float, bfloat16}", "Y: {float, bfloat16}", "groups: int",
                                               "epsilon: float",       "before: float",        "after: int"};
  RegisterOperation({"SynthmrNorm",
                     {"x: X", "shift: float", "gain: float", "offset: float"},
                     {"y: Y", "mean: float", "inverse: float"},
                     attributes});
  RegisterOperation({"SynthmrNormGrad",
                     {"dy: Y", "x: X", "shift: float", "gain: float", "offset: float", "mean: float",
                      "inverse: float"},
                     {"dx: X", "dshift: float", "dgain: float", "doffset: float"},
                     attributes});
  RegisterNorm<float, float>();
  RegisterNorm<float, Bfloat16>();
  RegisterNorm<Bfloat16, float>();
  RegisterNorm<Bfloat16, Bfloat16>();
}

// To be raised whenever an operation changes: JavaScript of another version must not call these.
constexpr int32_t kVersion = 5;

// register(threads): registers everything once a process, whichever of Node's threads comes first; returns the
// version.
napi_value Register(napi_env env, napi_callback_info info) {
  static std::once_flag once;
  static std::string failure;
  size_t count = 1;
  napi_value argument;
  int32_t threads = 1;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_value_int32(env, argument, &threads) != napi_ok) {
    napi_throw_type_error(env, nullptr, "register needs a number of threads");
    return nullptr;
  }
  std::call_once(once, [&] {
    try {
      RegisterAll();
    } catch (const std::exception& error) {
      failure = error.what();
    }
  });
  if (!failure.empty()) napi_throw_error(env, nullptr, failure.c_str());
  Pool::Get().SetThreads(threads);
  napi_value version;
  napi_create_int32(env, kVersion, &version);
  return version;
}

}  // namespace
}  // namespace synthmr

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "register", NAPI_AUTO_LENGTH, synthmr::Register, nullptr, &function);
  return function;
}
