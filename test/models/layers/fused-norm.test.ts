import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withoutKernels } from "../../../lib/backend/native-kernels";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { fusedNorm, type FusedNormConfig, type NormAffine } from "../../../lib/models/layers/fused-norm";
import { registerKernels } from "../../../lib/setup/load-native";
import { near } from "../../near";

const test = suite("fusedNorm");
const rng = Rng.fromSeed(3);

interface Case {
  readonly shape: [number, number, number, number];
  readonly config: Omit<FusedNormConfig, "epsilon">;
  /** Whether each sample has numbers of its own. */
  readonly each: boolean;
}

const CASES: readonly Case[] = [
  { shape: [3, 5, 7, 12], config: { groups: 4, before: 1, after: "silu" }, each: true },
  { shape: [2, 40, 41, 20], config: { groups: 20, before: 0.01, after: "nothing" }, each: false },
  { shape: [1, 700, 3, 33], config: { groups: 33, before: 1, after: "relu" }, each: false },
  { shape: [5, 1, 1, 6], config: { groups: 1, before: 0.2, after: "silu" }, each: true },
  { shape: [2, 64, 64, 16], config: { groups: 2, before: 1, after: "nothing" }, each: false },
];

test.before(async () => {
  process.env["TF_NUM_INTRAOP_THREADS"] ??= "1";
  await startBackend({ backend: "tensorflow", precision: "float32" });
});

function tensorsOf({ shape, each }: Case): { x: tf.Tensor4D; affine: NormAffine; weight: tf.Tensor } {
  const rows: [number, number] = [each ? shape[0] : 1, shape[3]];
  const draw = (name: string) => rng.fork(name).normal<tf.Rank.R2>(rows);
  return {
    x: rng.fork("x").normal<tf.Rank.R4>(shape).mul(2).add(3),
    affine: { shift: draw("shift"), gain: draw("gain"), offset: draw("offset") },
    weight: rng.fork("weight").normal(shape),
  };
}

/** The definition, step by step, differentiated by tfjs. */
function definition(x: tf.Tensor4D, { shift, gain, offset }: NormAffine, config: Case["config"]): tf.Tensor {
  const [samples, height, width, channels] = x.shape;
  const spread = (t: tf.Tensor2D) => t.expandDims(1).expandDims(1);
  const u = x.add(spread(shift));
  const v = u.relu().sub(u.neg().relu().mul(config.before));
  const grouped = v.reshape([samples, height * width, config.groups, channels / config.groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const hat = grouped.sub(mean).div(variance.add(1e-5).sqrt()).reshape(x.shape);
  const z = hat.mul(spread(gain)).add(spread(offset));
  if (config.after === "nothing") return z;
  return config.after === "relu" ? z.relu() : z.mul(z.sigmoid());
}

function fused(x: tf.Tensor4D, affine: NormAffine, config: Case["config"]): tf.Tensor {
  const y = fusedNorm(x, affine, { ...config, epsilon: 1e-5 });
  if (y === undefined) throw new Error("the kernels are not registered");
  return y;
}

/** The value and the gradients of x, shift, gain and offset. */
function evaluate(layer: typeof fused, one: Case): tf.Tensor[] {
  const { x, affine, weight } = tensorsOf(one);
  const loss = (...[image, shift, gain, offset]: tf.Tensor[]): tf.Scalar =>
    layer(image as tf.Tensor4D, { shift, gain, offset } as NormAffine, one.config)
      .mul(weight)
      .sum();
  const { grads } = tf.valueAndGrads(loss)([x, affine.shift, affine.gain, affine.offset]);
  return [layer(x, affine, one.config), ...grads];
}

for (const one of CASES)
  test(`equals its definition and that one's gradients for [${one.shape}], ${JSON.stringify(one.config)}`, () => {
    const theirs = evaluate(definition, one);
    evaluate(fused, one).forEach((ours, i) => {
      const expected = theirs[i] ?? ours;
      // A sum over many pixels whose terms cancel is as exact as its largest terms.
      const scale = Math.max(1, Number(expected.abs().max().dataSync()[0]));
      near(ours.div(scale), expected.div(scale), i === 0 ? 1e-5 : 1e-4);
    });
  });

test("gives the same bits whatever the number of threads", () => {
  const bits = () => CASES.map((one) => evaluate(fused, one).map((t) => t.dataSync().slice()));
  const alone = bits();
  assert.ok(registerKernels(3));
  assert.equal(bits(), alone);
});

test("leaves no tensors behind", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    evaluate(fused, CASES[0] as Case);
  });
  assert.is(tf.memory().numTensors, before);
});

test("is not offered where there are no kernels", () => {
  const { x, affine } = tensorsOf(CASES[0] as Case);
  const config = { groups: 4, before: 1, after: "nothing", epsilon: 1e-5 } as const;
  assert.is(
    withoutKernels(() => fusedNorm(x, affine, config)),
    undefined,
  );
});

test.run();
