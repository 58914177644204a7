import { suite } from "uvu";
import * as assert from "uvu/assert";
import { disableProducts, enableProducts, supportsBfloat16 } from "../../lib/backend/mixed-precision";
import { isNarrow, narrowBackend } from "../../lib/backend/narrow-tensors";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { Conv2d } from "../../lib/models/layers/convolution";
import { GroupNorm } from "../../lib/models/layers/group-norm";
import { Params } from "../../lib/models/params";
import { near } from "../near";

const test = suite("narrow convolution");
const rng = Rng.fromSeed(5);

test.before(async () => {
  await startBackend({ backend: "tensorflow", precision: "float32" });
});

test.after.each(() => {
  disableProducts();
});

/** Norm, convolution, norm, convolution: the two between may stay in bfloat16. */
function chain(): { params: Params; apply: (x: tf.Tensor4D) => tf.Tensor4D } {
  const params = new Params(rng);
  const norms = [0, 1].map((i) => new GroupNorm(params.scope(`norm${i}`), { channels: 16, groups: 4 }));
  const shape = { inChannels: 16, outChannels: 16, kernelSize: 3 };
  const convs = [0, 1].map((i) => new Conv2d(params.scope(`conv${i}`), shape));
  const [norm0, norm1] = norms as [GroupNorm, GroupNorm];
  const [conv0, conv1] = convs as [Conv2d, Conv2d];
  const after = { after: "silu", narrowResult: true } as const;
  const apply = (x: tf.Tensor4D): tf.Tensor4D => {
    const h = conv0.convolve(norm0.apply(x, after), true);
    return conv1.apply(norm1.apply(h, { ...after, shift: conv0.addend.expandDims<tf.Tensor2D>(0) }));
  };
  return { params, apply };
}

test("loss and gradients follow those in float32 to the precision of bfloat16", () => {
  if (!supportsBfloat16()) return;
  const { params, apply } = chain();
  const x = rng.fork("x").normal<tf.Rank.R4>([2, 9, 7, 16]);
  const weight = rng.fork("weight").normal<tf.Rank.R4>([2, 9, 7, 16]);
  const variables = [...params.variables.values()];
  const gradients = () => {
    const loss = (): tf.Scalar => apply(x).mul(weight).sum();
    const { value, grads } = tf.variableGrads(loss, variables);
    return [value, ...variables.map(({ name }) => grads[name] as tf.Tensor)];
  };
  const exact = gradients();
  enableProducts("bfloat16");
  gradients().forEach((ours, i) => {
    const expected = exact[i] ?? ours;
    const scale = Math.max(1, Number(expected.abs().max().dataSync()[0]));
    near(ours.div(scale), expected.div(scale), 0.03);
  });
});

test("what lies between is in bfloat16, what comes out is not, and nothing is left behind", () => {
  if (!supportsBfloat16()) return;
  enableProducts("bfloat16");
  if (narrowBackend() === undefined) return;
  const { apply } = chain();
  const conv = new Conv2d(new Params(rng), { inChannels: 16, outChannels: 16, kernelSize: 3 });
  const x = rng.fork("x").normal<tf.Rank.R4>([2, 8, 8, 16]);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    assert.ok(isNarrow(conv.convolve(x, true)));
    assert.ok(isNarrow(conv.convolve(x, true).clone()));
    assert.not.ok(isNarrow(conv.convolve(x)));
    assert.not.ok(isNarrow(apply(x)));
    tf.grad((image) => apply(image as tf.Tensor4D).sum())(x);
  });
  assert.is(tf.memory().numTensors, before);
});

test.run();
