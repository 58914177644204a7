import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Conv2d } from "../../../lib/models/layers/convolution";
import { Dense } from "../../../lib/models/layers/dense";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";

const test = suite("Conv2d and Dense");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

function variable(params: Params, name: string): tf.Variable {
  const found = params.variables.get(name);
  if (found === undefined) throw new Error(`no variable ${name}`);
  return found;
}

test("start with values below 1 / sqrt(fan in), or with zero where asked", () => {
  const params = new Params(Rng.fromSeed(1));
  new Conv2d(params.scope("conv"), { inChannels: 4, outChannels: 64, kernelSize: 3 });
  new Conv2d(params.scope("zero"), { inChannels: 4, outChannels: 2, kernelSize: 3, initialScale: 0 });
  const largest = (name: string) => variable(params, name).abs().max().dataSync()[0] ?? 0;
  assert.ok(largest("conv/kernel") <= 1 / 6 && largest("conv/kernel") > 0.16, "3 * 3 * 4 = 36, 1 / sqrt(36)");
  assert.ok(largest("conv/bias") <= 1 / 6 && largest("conv/bias") > 0.12);
  assert.is(largest("zero/kernel"), 0);
});

test("pads evenly at stride 2, as PyTorch does", () => {
  const params = new Params(Rng.fromSeed(1));
  const conv = new Conv2d(params, { inChannels: 1, outChannels: 1, kernelSize: 3, stride: 2, bias: false });
  variable(params, "kernel").assign(tf.ones([3, 3, 1, 1]));
  const x = tf.range(0, 16).reshape<tf.Tensor4D>([1, 4, 4, 1]);
  // Windows start at -1 and 1: 0+1+4+5, 1+2+3+5+6+7, 4+5+8+9+12+13, 5+6+7+9+10+11+13+14+15.
  near(conv.apply(x), [10, 24, 51, 90], 1e-5);
});

test("loses a margin with valid padding", () => {
  const conv = new Conv2d(new Params(Rng.fromSeed(1)), {
    inChannels: 2,
    outChannels: 5,
    kernelSize: 3,
    padding: "valid",
  });
  assert.equal(conv.apply(tf.zeros([1, 6, 7, 2])).shape, [1, 4, 5, 5]);
});

test("have the gradients of a product and a sum", () => {
  const params = new Params(Rng.fromSeed(1));
  const conv = new Conv2d(params.scope("conv"), { inChannels: 3, outChannels: 2, kernelSize: 1 });
  const dense = new Dense(params.scope("dense"), { inFeatures: 3, outFeatures: 2 });
  for (const part of ["kernel", "bias"])
    variable(params, `dense/${part}`).assign(
      variable(params, `conv/${part}`).reshape(variable(params, `dense/${part}`).shape),
    );
  const x = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 3, 3, 3]);
  const rows = x.reshape<tf.Tensor2D>([18, 3]);
  near(conv.apply(x), dense.apply(rows), 1e-5);
  const { grads } = tf.variableGrads(() =>
    conv.apply(x).square().sum<tf.Scalar>().add(dense.apply(rows).square().sum()),
  );
  for (const part of ["kernel", "bias"]) {
    const of = (layer: string) => grads[variable(params, `${layer}/${part}`).name] ?? [];
    near(of("conv"), of("dense"), 1e-5, part);
  }
});

test.run();
