import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { ShapeParams } from "../../../lib/models/shape-params";
import {
  Stylegan3Generator,
  type Stylegan3GeneratorConfig,
} from "../../../lib/models/stylegan3/stylegan3-generator";
import { planSignals } from "../../../lib/models/stylegan3/stylegan3-layers";
import {
  stylegan3GeneratorFilters,
  stylegan3GeneratorNames,
} from "../../../lib/models/stylegan3/stylegan3-names";
import { variableGradients } from "../../../lib/training/optimizers/gradients";
import { near } from "../../near";
import { checkParameterGradients, loadCase, nearRelative } from "../gan-case";
import { ReferenceCase } from "../reference-case";

const test = suite("StyleGAN 3");

const metaSchema = z.object({
  z_dim: z.number(),
  w_dim: z.number(),
  resolution: z.number(),
  channels: z.number(),
  channel_base: z.number(),
  channel_max: z.number(),
  num_layers: z.number(),
  mapping_layers: z.number(),
  config: z.enum(["t", "r"]),
});

const MAPPING = {
  latentSize: 512,
  styleSize: 512,
  layers: 2,
  learningRateMultiplier: 0.01,
  meanDecay: 0.998,
};

/** The reference's T at 256 pixels with the study's five channels. */
const T256: Stylegan3GeneratorConfig = {
  resolution: 256,
  imageChannels: 5,
  channelBase: 32768,
  channelMax: 512,
  mapping: MAPPING,
  layers: 14,
  criticalLayers: 2,
  firstCutoff: 2,
  firstStopband: 2 ** 2.1,
  lastStopbandRatio: 2 ** 0.3,
  margin: 10,
  kernelSize: 3,
  filterSize: 6,
  rectifierUpsampling: 2,
  radialFilters: false,
  outputScale: 0.25,
  convClamp: null,
  magnitudeDecay: 0.5 ** (32 / 20000),
};

const R = { kernelSize: 1, radialFilters: true } as const;

const SMALL: Stylegan3GeneratorConfig = {
  ...T256,
  resolution: 16,
  imageChannels: 2,
  channelBase: 64,
  channelMax: 6,
  mapping: { ...MAPPING, latentSize: 6, styleSize: 7 },
  layers: 4,
  margin: 4,
};

function configOf(reference: ReferenceCase): Stylegan3GeneratorConfig {
  const meta = metaSchema.parse(reference.meta);
  return {
    ...T256,
    ...(meta.config === "r" ? R : {}),
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.channel_base,
    channelMax: meta.channel_max,
    layers: meta.num_layers,
    mapping: { ...MAPPING, latentSize: meta.z_dim, styleSize: meta.w_dim, layers: meta.mapping_layers },
  };
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const kind of ["t", "r"])
  test(`makes the styles and images of NVlabs' generator ${kind}, with and without a limit`, () => {
    const reference = new ReferenceCase(`nvlabs-stylegan3-${kind}-generator`);
    for (const convClamp of [null, 256]) {
      const params = new Params(Rng.fromSeed(1));
      const config = { ...configOf(reference), convClamp };
      const generator = new Stylegan3Generator(params, config);
      loadCase(params, reference, stylegan3GeneratorNames(config), stylegan3GeneratorFilters(config));
      const latents = tf.tensor2d(reference.numbers("in.z"), [2, 16]);
      nearRelative(generator.map(latents), tf.tensor3d(reference.numbers("out.w"), [2, 10, 16]), 1e-5);
      nearRelative(generator.apply(latents), reference.images("out.image"), 1e-4);
      params.dispose();
    }
  });

test("has the reference's number of parameters", () => {
  const count = (config: Stylegan3GeneratorConfig) => {
    const params = new ShapeParams();
    new Stylegan3Generator(params, config);
    return params.count;
  };
  // Printed by NVlabs' stylegan3 for three channels at 1024 pixels: R and T.
  const large = { ...T256, resolution: 1024, imageChannels: 3 };
  assert.is(count({ ...large, ...R, channelBase: 65536, channelMax: 1024 }), 15_093_151);
  assert.is(count(large), 22_313_167);
  assert.is(count(T256), countByHand());
});

/** Layer by layer from the channels that the paper's formulas give at 256 pixels. */
function countByHand(): number {
  const channels = [512, ...new Array<number>(9).fill(512), 362, 256, 181, 128, 128];
  const affine = (to: number) => 513 * to;
  let sum = 2 * 512 * 513 + affine(4) + 512 * 512;
  for (let i = 0; i < 14; i++) {
    const [from = 0, to = 0] = [channels[i], channels[i + 1]];
    sum += affine(from) + 9 * from * to + to;
  }
  return sum + affine(128) + 128 * 5 + 5;
}

test("plans the layers that the reference plans at 256 pixels", () => {
  const signals = planSignals(T256);
  assert.equal(
    signals.map(({ channels, size, samplingRate }) => `${size} ${samplingRate} ${channels}`),
    [
      ...["36 16 512", "36 16 512", "36 16 512", "52 32 512", "52 32 512", "84 64 512", "84 64 512"],
      ...["148 128 512", "148 128 512", "148 128 362", "276 256 256", "276 256 181", "276 256 128"],
      ...["256 256 128", "256 256 5"],
    ],
  );
  near(
    [signals[3]?.cutoff ?? 0, signals[9]?.cutoff ?? 0, signals[14]?.cutoff ?? 0],
    [5.6569, 45.2548, 128],
    1e-4,
  );
});

function networkOf(config: Stylegan3GeneratorConfig): Stylegan3Generator {
  const generator = new Stylegan3Generator(new Params(Rng.fromSeed(1)), config);
  // Off zero, where biases and the input's motion would hide mistakes.
  for (const [path, variable] of generator.params.variables)
    tf.tidy(() => variable.assign(variable.add(Rng.fromSeed(5).fork(path).normal(variable.shape).mul(0.1))));
  return generator;
}

function latentsOf(samples: number): tf.Tensor2D {
  return Rng.fromSeed(3).normal<tf.Rank.R2>([samples, SMALL.mapping.latentSize]);
}

test("names every variable and buffer once, and the filters beside them", () => {
  for (const config of [SMALL, { ...SMALL, ...R, resolution: 48 }]) {
    const params = new ShapeParams();
    new Stylegan3Generator(params, config);
    const names = stylegan3GeneratorNames(config);
    assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
    const referenceNames = [...names.values()].map((entry) =>
      typeof entry === "string" ? entry : entry.name,
    );
    const filters = stylegan3GeneratorFilters(config);
    assert.is(new Set([...referenceNames, ...filters.keys()]).size, names.size + filters.size);
  }
});

test("makes images of any size, and frees what it makes", () => {
  const variants = [
    { resolution: 16, ...R },
    { resolution: 48 },
    { resolution: 30, layers: 3, criticalLayers: 1, margin: 6, ...R },
    { resolution: 64, layers: 6, filterSize: 4, convClamp: 256 },
  ];
  for (const variant of variants) {
    const generator = networkOf({ ...SMALL, ...variant });
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const options = { rng: Rng.fromSeed(1), mixing: 0.9, updateAverages: true };
      const images = generator.apply(latentsOf(2), options);
      assert.equal(images.shape, [2, variant.resolution, variant.resolution, 2]);
      assert.ok(images.dataSync().every(Number.isFinite));
    });
    assert.is(tf.memory().numTensors, before);
    generator.params.dispose();
  }
});

test("brings signals to unit magnitude, by means that move only when asked", () => {
  const generator = networkOf({ ...SMALL, magnitudeDecay: 0.75 });
  const means = () =>
    [...generator.params.buffers]
      .filter(([path]) => path.endsWith("magnitude"))
      .map(([, mean]) => mean.dataSync()[0] ?? Number.NaN);
  generator.apply(latentsOf(4));
  assert.equal(means(), new Array(5).fill(1));
  for (let i = 0; i < 40; i++) generator.apply(latentsOf(4), { updateAverages: true });
  const settled = means();
  generator.apply(latentsOf(4), { updateAverages: true });
  near(means(), settled, 1e-3);
  // The first layer's input is the same whatever the means are: waves of mean square 1/2, mixed.
  assert.ok((settled[0] ?? 0) > 0.1 && (settled[0] ?? 0) < 1.5, `${settled}`);
  generator.params.dispose();
});

test("has the gradients of finite differences", () => {
  for (const config of [SMALL, { ...SMALL, ...R }]) {
    const generator = networkOf(config);
    const latents = latentsOf(3);
    const weights = Rng.fromSeed(7).normal([3, 16, 16, 2]);
    const score = () => generator.apply(latents).mul(weights).sum<tf.Scalar>();
    const paths = [
      "input/kernel",
      "input/affine/kernel",
      "layer0/kernel",
      "layer1/affine/kernel",
      "layer2/bias",
      "layer3/kernel",
      "toImage/kernel",
      "toImage/bias",
    ];
    checkParameterGradients(generator.params, score, paths, 1e-2, 2e-3);
    generator.params.dispose();
  }
});

test("gives every parameter a gradient, and frees all but these over fifty steps", () => {
  const generator = networkOf({ ...SMALL, layers: 3, resolution: 8 });
  const latents = latentsOf(2);
  const step = (i: number) => {
    tf.tidy(() => {
      const options = { rng: Rng.fromSeed(i), mixing: 0.9 };
      generator.apply(latents, { updateAverages: true });
      const loss = () => generator.apply(latents, options).square().mean<tf.Scalar>();
      for (const [path, gradient] of variableGradients(generator.params, loss).gradients)
        assert.ok((gradient.abs().max().dataSync()[0] ?? 0) > 0, path);
    });
  };
  step(0);
  const before = tf.memory().numTensors;
  for (let i = 1; i < 50; i++) step(i);
  assert.is(tf.memory().numTensors, before);
  generator.params.dispose();
});

test.run();
