import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { ShapeParams } from "../../../lib/models/shape-params";
import { Stylegan1Discriminator } from "../../../lib/models/stylegan1/stylegan1-discriminator";
import { Stylegan1Generator, type Stylegan1Config } from "../../../lib/models/stylegan1/stylegan1-generator";
import {
  stylegan1DiscriminatorFilters,
  stylegan1DiscriminatorNames,
  stylegan1GeneratorFilters,
  stylegan1GeneratorNames,
} from "../../../lib/models/stylegan1/stylegan1-names";
import { variableGradients } from "../../../lib/training/optimizers/gradients";
import { near } from "../../near";
import { checkParameterGradients, loadCase, nearRelative, squaredGradientNorms } from "../gan-case";
import { ReferenceCase } from "../reference-case";

const test = suite("StyleGAN 1");

const metaSchema = z.object({
  z_dim: z.number().default(16),
  w_dim: z.number().default(16),
  mapping_layers: z.number().default(4),
  resolution: z.number(),
  channels: z.number(),
  fmaps_base: z.number(),
  fmaps_max: z.number(),
  mbstd_group_size: z.number().default(4),
});

function configOf(reference: ReferenceCase): Stylegan1Config {
  const meta = metaSchema.parse(reference.meta);
  return {
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.fmaps_base,
    channelMax: meta.fmaps_max,
    minibatchStddevGroup: meta.mbstd_group_size,
    mapping: {
      latentSize: meta.z_dim,
      styleSize: meta.w_dim,
      layers: meta.mapping_layers,
      learningRateMultiplier: 0.01,
      meanDecay: 0.995,
    },
  };
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("makes the styles and images of GenForce's generator", () => {
  const reference = new ReferenceCase("genforce-stylegan1-generator");
  const params = new Params(Rng.fromSeed(1));
  const config = configOf(reference);
  const generator = new Stylegan1Generator(params, config);
  loadCase(params, reference, stylegan1GeneratorNames(config), stylegan1GeneratorFilters(config));
  const latents = tf.tensor2d(reference.numbers("in.z"), [3, 16]);
  const w = generator.map(latents);
  nearRelative(
    tf.slice(w, [0, 5], [3, 1]).reshape([3, 16]),
    tf.tensor2d(reference.numbers("out.w"), [3, 16]),
    1e-4,
  );
  nearRelative(generator.apply(latents), reference.images("out.image"), 1e-4);
  params.dispose();
});

test("gives the logits of GenForce's discriminator and their gradients", () => {
  const reference = new ReferenceCase("genforce-stylegan1-discriminator");
  const params = new Params(Rng.fromSeed(1));
  const config = configOf(reference);
  const discriminator = new Stylegan1Discriminator(params, config);
  loadCase(params, reference, stylegan1DiscriminatorNames(config), stylegan1DiscriminatorFilters(config));
  const images = reference.images("in.image");
  nearRelative(discriminator.apply(images), tf.tensor2d(reference.numbers("out.logits"), [8, 1]), 1e-4);
  nearRelative(squaredGradientNorms(discriminator, images), tf.tensor1d(reference.numbers("out.r1")), 1e-3);
  params.dispose();
});

/** The reference's own settings; its logs state the numbers of parameters. */
const PAPER: Stylegan1Config = {
  resolution: 1024,
  imageChannels: 3,
  channelBase: 16384,
  channelMax: 512,
  minibatchStddevGroup: 4,
  mapping: { latentSize: 512, styleSize: 512, layers: 8, learningRateMultiplier: 0.01, meanDecay: 0.995 },
};

const SMALL: Stylegan1Config = {
  resolution: 16,
  imageChannels: 2,
  channelBase: 64,
  channelMax: 8,
  minibatchStddevGroup: 2,
  mapping: { latentSize: 6, styleSize: 7, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.995 },
};

function networks(config: Stylegan1Config): {
  readonly generator: Stylegan1Generator;
  readonly discriminator: Stylegan1Discriminator;
  dispose(): void;
} {
  const generator = new Stylegan1Generator(new Params(Rng.fromSeed(1)), config);
  const discriminator = new Stylegan1Discriminator(new Params(Rng.fromSeed(2)), config);
  const dispose = () => {
    generator.params.dispose();
    discriminator.params.dispose();
  };
  return { generator, discriminator, dispose };
}

/** Moves strengths and biases off zero, where they would hide mistakes. */
function disturb(params: Params): void {
  for (const [path, variable] of params.variables)
    tf.tidy(() => variable.assign(variable.add(Rng.fromSeed(5).fork(path).normal(variable.shape).mul(0.3))));
}

function latentsOf(samples: number, seed = 3): tf.Tensor2D {
  return Rng.fromSeed(seed).normal<tf.Rank.R2>([samples, SMALL.mapping.latentSize]);
}

/** Each layer's weights and biases, from figure 1b and appendix C of the paper. */
function countsByHand({ resolution, imageChannels }: Stylegan1Config): [number, number] {
  const conv = (side: number, from: number, to: number) => side ** 2 * from * to + to;
  const width = (r: number) => Math.min(16384 / r, 512);
  // Bias, noise strength and two styles a channel.
  const after = (channels: number) => 2 * channels + 2 * channels * 513;
  const mapping = 8 * 513 * 512;
  let generator = mapping + 16 * 512 + after(512) + 9 * 512 * 512 + after(512) + conv(1, 512, imageChannels);
  let discriminator = conv(3, 513, 512) + conv(4, 512, 512) + 513 + conv(1, imageChannels, 512);
  for (let r = 8; r <= resolution; r *= 2) {
    generator += 9 * width(r / 2) * width(r) + 9 * width(r) ** 2 + 2 * after(width(r));
    generator += conv(1, width(r), imageChannels);
    discriminator += conv(1, imageChannels, width(r)) + conv(3, width(r), width(r));
    discriminator += conv(3, width(r), width(r / 2));
  }
  return [generator, discriminator];
}

test("has the reference's number of parameters at 256 pixels and five channels", () => {
  const config = { ...PAPER, resolution: 256, imageChannels: 5 };
  const [generator, discriminator] = [new ShapeParams(), new ShapeParams()];
  new Stylegan1Generator(generator, config);
  new Stylegan1Discriminator(discriminator, config);
  assert.equal([generator.count, discriminator.count], countsByHand(config));
  // 26.2 and 23.1 million at 1024 pixels and three channels, section 2 and table 5 of the paper.
  assert.equal(
    countsByHand(PAPER).map((count) => Math.round(count / 1e5)),
    [262, 231],
  );
});

test("names every variable and buffer once, and the filters beside them", () => {
  for (const config of [SMALL, { ...SMALL, resolution: 256, channelBase: 512 }]) {
    const { generator, discriminator, dispose } = networks(config);
    const parts = [
      [generator.params, stylegan1GeneratorNames(config), stylegan1GeneratorFilters(config)],
      [discriminator.params, stylegan1DiscriminatorNames(config), stylegan1DiscriminatorFilters(config)],
    ] as const;
    for (const [params, names, filters] of parts) {
      assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
      const referenceNames = [...names.values()].map((entry) =>
        typeof entry === "string" ? entry : entry.name,
      );
      assert.is(new Set([...referenceNames, ...filters.keys()]).size, names.size + filters.size);
    }
    dispose();
  }
});

test("builds and runs at other sizes and widths, and frees what it makes", () => {
  for (const [resolution, channelBase] of [
    [8, 16],
    [64, 256],
    [256, 512],
  ] as const) {
    const config = { ...SMALL, resolution, channelBase };
    const { generator, discriminator, dispose } = networks(config);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const images = generator.apply(latentsOf(2), {
        rng: Rng.fromSeed(1),
        mixing: 0.9,
        updateAverages: true,
      });
      assert.equal(images.shape, [2, resolution, resolution, 2]);
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
  disturb(generator.params);
  const z = latentsOf(2);
  const image = (options: Parameters<Stylegan1Generator["apply"]>[1]) =>
    generator.apply(z, options).dataSync();
  assert.equal(image({}), image({ noise: "constant", rng: Rng.fromSeed(1) }));
  assert.equal(image({ rng: Rng.fromSeed(1) }), image({ rng: Rng.fromSeed(1) }));
  assert.not.equal(image({ rng: Rng.fromSeed(1) }), image({ rng: Rng.fromSeed(2) }));
  assert.not.equal(image({}), image({ noise: "none" }));
  for (const buffer of generator.params.buffers.values()) buffer.assign(tf.zerosLike(buffer));
  assert.equal(image({}), image({ noise: "none" }));
  assert.throws(() => image({ noise: "random" }), /random numbers/);
  dispose();
});

test("fades between resolutions", () => {
  const { generator, dispose } = networks(SMALL);
  disturb(generator.params);
  const at = (lod: number) => generator.apply(latentsOf(2), { lod });
  near(at(1.3), at(1).mul(0.7).add(at(2).mul(0.3)), 1e-6);
  near(generator.apply(latentsOf(2), { lod: { whole: 1, fade: tf.scalar(0.3) } }), at(1.3), 1e-6);
  dispose();
});

test("has the gradients of finite differences, of the loss and of R1", () => {
  const { generator, discriminator, dispose } = networks(SMALL);
  disturb(generator.params);
  const z = latentsOf(4);
  const weights = Rng.fromSeed(7).normal([4, 16, 16, 2]);
  const images = Rng.fromSeed(8).normal<tf.Rank.R4>([4, 16, 16, 2]);
  checkParameterGradients(
    generator.params,
    () =>
      generator
        .apply(z, { lod: 0.4, rng: Rng.fromSeed(1) })
        .mul(weights)
        .mean<tf.Scalar>(),
    [
      "block4/constant/values",
      "block8/conv0/kernel",
      "block16/conv1/noiseStrength",
      "block8/conv0/style/kernel",
      "block8/conv0/bias",
      "block8/toImage/kernel",
    ],
    5e-3,
  );
  const penalty = () => squaredGradientNorms(discriminator, images).mean<tf.Scalar>();
  const paths = ["block16/conv1/kernel", "block8/conv0/kernel", "block4/conv/kernel", "block4/dense1/kernel"];
  checkParameterGradients(discriminator.params, penalty, paths, 1e-2, 1e-3);
  dispose();
});

test("gives every parameter in use a gradient, and frees all but these", () => {
  const { generator, discriminator, dispose } = networks(SMALL);
  disturb(generator.params);
  const z = latentsOf(4);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++)
    tf.tidy(() => {
      const loss = () =>
        discriminator.apply(generator.apply(z, { rng: Rng.fromSeed(i), mixing: 0.9 })).mean<tf.Scalar>();
      const { gradients } = variableGradients(generator.params, loss, "zero");
      const silent = [...gradients].filter(([, gradient]) => gradient.abs().max().dataSync()[0] === 0);
      const coarser = [
        "block4/toImage/bias",
        "block4/toImage/kernel",
        "block8/toImage/bias",
        "block8/toImage/kernel",
      ];
      assert.equal(silent.map(([path]) => path).sort(), coarser);
    });
  assert.is(tf.memory().numTensors, before);
  dispose();
});

test.run();
