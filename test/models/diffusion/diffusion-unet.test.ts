import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import {
  DiffusionUNet,
  planStages,
  type DiffusionUNetConfig,
} from "../../../lib/models/diffusion/diffusion-unet";
import { guidedDiffusionNames } from "../../../lib/models/diffusion/diffusion-unet-names";
import { Params } from "../../../lib/models/params";
import { variableGradients } from "../../../lib/training/optimizers/gradients";
import { near } from "../../near";
import { guidedDiffusionUNet, ReferenceCase } from "../reference-case";

const test = suite("DiffusionUNet");

const SMALL: DiffusionUNetConfig = {
  imageChannels: 5,
  outChannels: 5,
  baseChannels: 8,
  channelMultipliers: [1, 2],
  blocksPerLevel: 1,
  attentionFactors: [2],
  heads: 2,
  scaleShiftNorm: true,
  normGroups: 4,
};

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("predicts the noise that guided-diffusion's UNetModel predicts", () => {
  const reference = new ReferenceCase("openai-guided-diffusion-unet");
  const { network, params } = guidedDiffusionUNet();
  const expected = reference.images("out.model_output");
  const actual = network.apply(reference.images("in.x_t"), tf.tensor1d(reference.integers("in.t"), "int32"));
  assert.equal(actual.shape, expected.shape);
  const scale = tf.max(expected.abs()).dataSync()[0] ?? Number.NaN;
  near(actual.div(scale), expected.div(scale), 1e-4);
  params.dispose();
});

test("has the reference's number of parameters", () => {
  const { params } = guidedDiffusionUNet();
  const weights = [...new ReferenceCase("openai-guided-diffusion-unet").weights.values()];
  assert.is(
    params.count,
    weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),
  );
  params.dispose();
});

/** Each with its parameter count, from a count of UNetModel's layers written apart from this code. */
const VARIANTS: readonly (readonly [string, Partial<DiffusionUNetConfig>, number])[] = [
  ["no attention, one level", { channelMultipliers: [1], attentionFactors: [] }, 12493],
  ["addition instead of scale-shift norm", { scaleShiftNorm: false }, 45549],
  ["learned variance", { outChannels: 10 }, 49346],
  ["one channel in and out", { imageChannels: 1, outChannels: 1 }, 48401],
  [
    "three levels, two blocks, attention on two",
    { channelMultipliers: [1, 2, 4], blocksPerLevel: 2, attentionFactors: [2, 4] },
    267021,
  ],
  ["attention at full size", { attentionFactors: [1] }, 46533],
];

test("has the layers that the settings ask for", () => {
  for (const [name, change, count] of VARIANTS) {
    const params = new Params(Rng.fromSeed(1));
    new DiffusionUNet(params, { ...SMALL, ...change });
    assert.is(params.count, count, name);
    params.dispose();
  }
});

test("runs with every setting at any size that its levels divide", () => {
  for (const [name, change] of VARIANTS) {
    const config = { ...SMALL, ...change };
    const params = new Params(Rng.fromSeed(1));
    const network = new DiffusionUNet(params, config);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const images = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 8, 12, config.imageChannels]);
      const output = network.apply(images, tf.tensor1d([0, 999], "int32"));
      assert.equal(output.shape, [2, 8, 12, config.outChannels], name);
      // The last convolution starts as the zero map, so that the first prediction is no noise at all.
      assert.is(output.abs().max().dataSync()[0], 0, name);
    });
    assert.is(tf.memory().numTensors, before, name);
    params.dispose();
  }
});

test("names every variable of every setting once", () => {
  for (const [name, change] of VARIANTS) {
    const config = { ...SMALL, ...change };
    const params = new Params(Rng.fromSeed(1));
    new DiffusionUNet(params, config);
    const names = guidedDiffusionNames(config);
    assert.equal([...names.keys()].sort(), [...params.variables.keys()].sort(), name);
    assert.is(new Set(names.values()).size, names.size, name);
    params.dispose();
  }
});

test("lists stages in the order of the reference's blocks", () => {
  const { down, up, bottom, top } = planStages({ ...SMALL, baseChannels: 32 });
  const brief = (stages: typeof down) =>
    stages.map((stage) => [stage.inChannels, stage.outChannels, stage.attention, stage.resampling].join(" "));
  // input_blocks 1 to 3 and output_blocks 0 to 3 of the reference case, by the shapes of their weights.
  assert.equal(brief(down), ["32 32 false none", "32 32 false down", "32 64 true none"]);
  assert.equal(brief(up), ["128 64 true none", "96 64 true up", "96 32 false none", "64 32 false none"]);
  assert.equal([bottom, top], [64, 32]);
});

test("gives every parameter a gradient, and frees all but these", () => {
  const params = new Params(Rng.fromSeed(1));
  const network = new DiffusionUNet(params, SMALL);
  // Off the zero maps that the network starts with, which block gradients.
  for (const variable of params.variables.values())
    tf.tidy(() => variable.assign(variable.add(Rng.fromSeed(3).normal(variable.shape).mul(0.1))));
  const before = tf.memory().numTensors;
  const images = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 8, 8, 5]);
  const timesteps = tf.tensor1d([3, 700], "int32");
  const { loss, gradients } = variableGradients(params, () =>
    network.apply(images, timesteps).square().mean<tf.Scalar>(),
  );
  assert.is(gradients.size, params.variables.size);
  for (const [path, gradient] of gradients) {
    const size = tf.tidy(() => gradient.abs().max().dataSync()[0] ?? 0);
    assert.ok(size > 0 && Number.isFinite(size), path);
  }
  tf.dispose([images, timesteps, loss, ...gradients.values()]);
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

test.run();
