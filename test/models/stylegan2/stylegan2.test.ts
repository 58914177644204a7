import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { ShapeParams } from "../../../lib/models/shape-params";
import {
  Stylegan2Discriminator,
  type Stylegan2DiscriminatorConfig,
} from "../../../lib/models/stylegan2/stylegan2-discriminator";
import {
  Stylegan2Generator,
  type Stylegan2GeneratorConfig,
} from "../../../lib/models/stylegan2/stylegan2-generator";
import {
  stylegan2DiscriminatorFilters,
  stylegan2DiscriminatorNames,
  stylegan2GeneratorFilters,
  stylegan2GeneratorNames,
} from "../../../lib/models/stylegan2/stylegan2-names";
import { variableGradients } from "../../../lib/training/optimizers/gradients";
import { near } from "../../near";
import { checkParameterGradients, loadCase, nearRelative, squaredGradientNorms } from "../gan-case";
import { ReferenceCase } from "../reference-case";

const test = suite("StyleGAN 2");

const metaSchema = z.object({
  z_dim: z.number().default(16),
  w_dim: z.number().default(16),
  mapping_layers: z.number().default(4),
  resolution: z.number(),
  channels: z.number(),
  channel_base: z.number(),
  channel_max: z.number(),
  mbstd_group_size: z.number().default(4),
});

type BothConfigs = Stylegan2GeneratorConfig & Stylegan2DiscriminatorConfig;

function configOf(reference: ReferenceCase): BothConfigs {
  const meta = metaSchema.parse(reference.meta);
  return {
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.channel_base,
    channelMax: meta.channel_max,
    mapping: {
      latentSize: meta.z_dim,
      styleSize: meta.w_dim,
      layers: meta.mapping_layers,
      learningRateMultiplier: 0.01,
      meanDecay: 0.998,
    },
    architecture: "skip",
    noiseInputs: true,
    convClamp: null,
    minibatchStddev: { groupSize: meta.mbstd_group_size, channels: 1 },
  };
}

const SMALL: BothConfigs = {
  resolution: 16,
  imageChannels: 2,
  channelBase: 64,
  channelMax: 8,
  mapping: { latentSize: 6, styleSize: 7, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.998 },
  architecture: "skip",
  noiseInputs: true,
  convClamp: null,
  minibatchStddev: { groupSize: 2, channels: 1 },
};

const ARCHITECTURES = ["skip", "resnet", "orig"] as const;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("makes the styles and images of NVlabs' generator, with and without a limit", () => {
  const reference = new ReferenceCase("nvlabs-stylegan2-generator");
  for (const convClamp of [null, 256]) {
    const params = new Params(Rng.fromSeed(1));
    const config = { ...configOf(reference), convClamp };
    const generator = new Stylegan2Generator(params, config);
    loadCase(params, reference, stylegan2GeneratorNames(config), stylegan2GeneratorFilters(config));
    const latents = tf.tensor2d(reference.numbers("in.z"), [3, 16]);
    nearRelative(generator.map(latents), tf.tensor3d(reference.numbers("out.w"), [3, 8, 16]), 1e-5);
    nearRelative(generator.apply(latents), reference.images("out.image"), 1e-5);
    const truncation = { psi: 0.5, layers: null };
    nearRelative(generator.apply(latents, { truncation }), reference.images("out.image_psi0.5"), 1e-5);
    params.dispose();
  }
});

test("gives the logits of NVlabs' discriminator and their gradients", () => {
  const reference = new ReferenceCase("nvlabs-stylegan2-discriminator");
  const params = new Params(Rng.fromSeed(1));
  const config = { ...configOf(reference), architecture: "resnet" } as const;
  const discriminator = new Stylegan2Discriminator(params, config);
  loadCase(params, reference, stylegan2DiscriminatorNames(config), stylegan2DiscriminatorFilters(config));
  const images = reference.images("in.image");
  nearRelative(discriminator.apply(images), tf.tensor2d(reference.numbers("out.logits"), [8, 1]), 1e-4);
  nearRelative(squaredGradientNorms(discriminator, images), tf.tensor1d(reference.numbers("out.r1")), 1e-4);
  params.dispose();
});

test("has the reference's number of parameters", () => {
  const mapping = {
    latentSize: 512,
    styleSize: 512,
    layers: 8,
    learningRateMultiplier: 0.01,
    meanDecay: 0.998,
  };
  const counts = (resolution: number, imageChannels: number, channelBase: number) => {
    const config: BothConfigs = {
      ...SMALL,
      mapping,
      resolution,
      imageChannels,
      channelBase,
      channelMax: 512,
    };
    const [generator, discriminator] = [new ShapeParams(), new ShapeParams()];
    new Stylegan2Generator(generator, config);
    new Stylegan2Discriminator(discriminator, { ...config, architecture: "resnet" });
    return [generator.count, discriminator.count];
  };
  // Printed by NVlabs' stylegan2 (config f, 1024 pixels) and stylegan2-ada-pytorch (paper256).
  assert.equal(counts(1024, 3, 32768), [30_370_060, 29_012_513]);
  assert.equal(counts(256, 3, 16384), [24_767_458, 24_001_089]);
  // The study's: at 256 pixels two channels more. In the generator a weight and a bias for each channel of
  // the seven images' inputs, 5 * 512 + 256 + 128 + 7 in all; in the discriminator 128 weights.
  const [generator = 0, discriminator = 0] = counts(256, 3, 32768);
  const more = 2 * (5 * 512 + 256 + 128 + 7);
  assert.equal(counts(256, 5, 32768), [generator + more, discriminator + 2 * 128]);
});

function networks(config: BothConfigs): {
  readonly generator: Stylegan2Generator;
  readonly discriminator: Stylegan2Discriminator;
  dispose(): void;
} {
  const generator = new Stylegan2Generator(new Params(Rng.fromSeed(1)), config);
  const discriminator = new Stylegan2Discriminator(new Params(Rng.fromSeed(2)), config);
  // Off zero, where strengths and biases would hide mistakes.
  for (const { params } of [generator, discriminator])
    for (const [path, variable] of params.variables)
      tf.tidy(() =>
        variable.assign(variable.add(Rng.fromSeed(5).fork(path).normal(variable.shape).mul(0.3))),
      );
  const dispose = () => {
    generator.params.dispose();
    discriminator.params.dispose();
  };
  return { generator, discriminator, dispose };
}

function latentsOf(samples: number): tf.Tensor2D {
  return Rng.fromSeed(3).normal<tf.Rank.R2>([samples, SMALL.mapping.latentSize]);
}

test("names every variable and buffer once, and the filters beside them", () => {
  for (const architecture of ARCHITECTURES) {
    const config = { ...SMALL, architecture };
    const [generator, discriminator] = [new ShapeParams(), new ShapeParams()];
    new Stylegan2Generator(generator, config);
    new Stylegan2Discriminator(discriminator, config);
    const parts = [
      [generator, stylegan2GeneratorNames(config), stylegan2GeneratorFilters(config)],
      [discriminator, stylegan2DiscriminatorNames(config), stylegan2DiscriminatorFilters(config)],
    ] as const;
    for (const [params, names, filters] of parts) {
      assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
      const referenceNames = [...names.values()].map((entry) =>
        typeof entry === "string" ? entry : entry.name,
      );
      assert.is(new Set([...referenceNames, ...filters.keys()]).size, names.size + filters.size);
    }
  }
});

test("builds and runs at other sizes and in every architecture, and frees what it makes", () => {
  const variants = [
    ...ARCHITECTURES.map((architecture) => ({ resolution: 8, channelBase: 32, architecture })),
    { resolution: 64, channelBase: 256, noiseInputs: false },
    { resolution: 256, channelBase: 512, convClamp: 256, minibatchStddev: { groupSize: 2, channels: 2 } },
  ];
  for (const variant of variants) {
    const { generator, discriminator, dispose } = networks({ ...SMALL, ...variant });
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const options = { rng: Rng.fromSeed(1), mixing: 0.9, updateAverages: true };
      const images = generator.apply(latentsOf(2), options);
      assert.equal(images.shape, [2, variant.resolution, variant.resolution, 2]);
      const logits = discriminator.apply(images);
      assert.equal(logits.shape, [2, 1]);
      assert.ok(logits.dataSync().every(Number.isFinite));
    });
    assert.is(tf.memory().numTensors, before);
    dispose();
  }
});

test("adds constant noise by default, random noise with an rng, and none when asked", () => {
  const { generator, dispose } = networks(SMALL);
  const image = (options: Parameters<Stylegan2Generator["apply"]>[1]) =>
    generator.apply(latentsOf(2), options).dataSync();
  assert.equal(image({}), image({ noise: "constant", rng: Rng.fromSeed(1) }));
  assert.equal(image({ rng: Rng.fromSeed(1) }), image({ rng: Rng.fromSeed(1) }));
  assert.not.equal(image({ rng: Rng.fromSeed(1) }), image({ rng: Rng.fromSeed(2) }));
  assert.not.equal(image({}), image({ noise: "none" }));
  for (const [path, buffer] of generator.params.buffers)
    if (path.endsWith("noise")) buffer.assign(tf.zerosLike(buffer));
  near(image({}), image({ noise: "none" }), 1e-6);
  assert.throws(() => image({ noise: "random" }), /random numbers/);
  dispose();
});

test("limits images of large features to the clamp", () => {
  const { generator, dispose } = networks({ ...SMALL, convClamp: 0.5 });
  // Three resolutions are added up; each enlargement keeps a constant and sharpens edges a little.
  const largest = generator.apply(latentsOf(2)).abs().max().dataSync()[0] ?? Number.NaN;
  assert.ok(largest > 0.5 && largest < 2, `${largest}`);
  dispose();
});

test("has the gradients of finite differences: of the loss, R1 and the path length", () => {
  const { generator, discriminator, dispose } = networks(SMALL);
  const latents = latentsOf(4);
  const weights = Rng.fromSeed(7).normal([4, 16, 16, 2]);
  const options = { rng: Rng.fromSeed(1) };
  const score = () => generator.apply(latents, options).mul(weights).mean<tf.Scalar>();
  const paths = [
    "block4/constant",
    "block4/conv1/kernel",
    "block8/conv0/kernel",
    "block8/conv0/affine/kernel",
    "block8/conv1/noiseStrength",
    "block16/conv1/bias",
    "block8/toImage/affine/bias",
    "block16/toImage/kernel",
  ];
  checkParameterGradients(generator.params, score, paths, 5e-3);
  const lengths = () => pathLengths(generator, latents, weights).square().mean<tf.Scalar>();
  // Biases and noise move kinks, at which this penalty jumps.
  const smooth = ["block4/constant", "block8/conv0/kernel"];
  checkParameterGradients(generator.params, lengths, smooth, 3e-2, 2e-3);
  const images = Rng.fromSeed(8).normal<tf.Rank.R4>([4, 16, 16, 2]);
  const penalty = () => squaredGradientNorms(discriminator, images).mean().mul<tf.Scalar>(1000);
  const kernels = [
    "block16/conv1/kernel",
    "block8/conv0/kernel",
    "block8/fromImage/kernel",
    "block4/out/kernel",
  ];
  checkParameterGradients(discriminator.params, penalty, kernels, 2e-2, 2e-3);
  dispose();
});

/** The length of the gradient of a random image in the styles, [N]. */
function pathLengths(generator: Stylegan2Generator, latents: tf.Tensor2D, weights: tf.Tensor): tf.Tensor {
  const score = (w: tf.Tensor) =>
    generator
      .synthesize(w as tf.Tensor3D)
      .mul(weights)
      .sum();
  return tf.grad(score)(generator.map(latents)).square().sum(2).mean(1).sqrt();
}

test("gives every parameter a gradient, and frees all but these over fifty steps", () => {
  const { generator, discriminator, dispose } = networks({ ...SMALL, resolution: 8 });
  const latents = latentsOf(4);
  const step = (i: number) => {
    const options = { rng: Rng.fromSeed(i), mixing: 0.9 };
    tf.tidy(() => {
      generator.map(latents, { updateAverages: true });
      const loss = () => discriminator.apply(generator.apply(latents, options)).mean<tf.Scalar>();
      for (const [path, gradient] of variableGradients(generator.params, loss).gradients)
        assert.ok((gradient.abs().max().dataSync()[0] ?? 0) > 0, path);
    });
  };
  step(0);
  const before = tf.memory().numTensors;
  for (let i = 1; i < 50; i++) step(i);
  assert.is(tf.memory().numTensors, before);
  dispose();
});

test.run();
