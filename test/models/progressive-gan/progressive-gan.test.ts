import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { ProgressiveGanDiscriminator } from "../../../lib/models/progressive-gan/progressive-gan-discriminator";
import {
  ProgressiveGanGenerator,
  type ProgressiveGanConfig,
} from "../../../lib/models/progressive-gan/progressive-gan-generator";
import {
  progressiveGanDiscriminatorNames,
  progressiveGanGeneratorNames,
} from "../../../lib/models/progressive-gan/progressive-gan-names";
import { ShapeParams } from "../../../lib/models/shape-params";
import { variableGradients } from "../../../lib/training/optimizers/gradients";
import { near } from "../../near";
import { checkParameterGradients, loadCase, nearRelative, squaredGradientNorms } from "../gan-case";
import { ReferenceCase } from "../reference-case";

const test = suite("progressive GAN");

const metaSchema = z.object({
  z_dim: z.number().default(16),
  resolution: z.number(),
  channels: z.number(),
  fmaps_base: z.number(),
  fmaps_max: z.number(),
  mbstd_group_size: z.number().default(4),
});

function configOf(reference: ReferenceCase): ProgressiveGanConfig {
  const meta = metaSchema.parse(reference.meta);
  return {
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.fmaps_base,
    channelMax: meta.fmaps_max,
    latentSize: meta.z_dim,
    minibatchStddevGroup: meta.mbstd_group_size,
    fusedScale: false,
  };
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("makes the images of GenForce's generator", () => {
  const reference = new ReferenceCase("genforce-pggan-generator");
  const params = new Params(Rng.fromSeed(1));
  const config = configOf(reference);
  const generator = new ProgressiveGanGenerator(params, config);
  loadCase(params, reference, progressiveGanGeneratorNames(config));
  const latents = tf.tensor2d(reference.numbers("in.z"), [3, config.latentSize]);
  nearRelative(generator.apply(latents), reference.images("out.image"), 1e-4);
  params.dispose();
});

test("gives the logits of GenForce's discriminator and their gradients", () => {
  const reference = new ReferenceCase("genforce-pggan-discriminator");
  const params = new Params(Rng.fromSeed(1));
  const config = configOf(reference);
  const discriminator = new ProgressiveGanDiscriminator(params, config);
  loadCase(params, reference, progressiveGanDiscriminatorNames(config));
  const images = reference.images("in.image");
  nearRelative(discriminator.apply(images), tf.tensor2d(reference.numbers("out.logits"), [8, 1]), 1e-4);
  nearRelative(squaredGradientNorms(discriminator, images), tf.tensor1d(reference.numbers("out.r1")), 1e-3);
  params.dispose();
});

/** The study's network, but for the number of channels and, with it, the reference's published counts. */
const PAPER: ProgressiveGanConfig = {
  resolution: 1024,
  imageChannels: 3,
  channelBase: 16384,
  channelMax: 512,
  latentSize: 512,
  minibatchStddevGroup: 4,
  fusedScale: true,
};

const SMALL: ProgressiveGanConfig = {
  resolution: 16,
  imageChannels: 2,
  channelBase: 64,
  channelMax: 8,
  latentSize: 6,
  minibatchStddevGroup: 2,
  fusedScale: true,
};

function networks(config: ProgressiveGanConfig): {
  readonly generator: ProgressiveGanGenerator;
  readonly discriminator: ProgressiveGanDiscriminator;
  dispose(): void;
} {
  const generator = new ProgressiveGanGenerator(new Params(Rng.fromSeed(1)), config);
  const discriminator = new ProgressiveGanDiscriminator(new Params(Rng.fromSeed(2)), config);
  const dispose = () => {
    generator.params.dispose();
    discriminator.params.dispose();
  };
  return { generator, discriminator, dispose };
}

function latentsOf(config: ProgressiveGanConfig, samples: number): tf.Tensor2D {
  return Rng.fromSeed(3).normal<tf.Rank.R2>([samples, config.latentSize]);
}

/** Each layer's weights and biases, from table 2 of the paper. */
function countsByHand({ resolution, imageChannels }: ProgressiveGanConfig): [number, number] {
  const conv = (side: number, from: number, to: number) => side ** 2 * from * to + to;
  const width = (r: number) => Math.min(16384 / r, 512);
  let generator = 512 * 512 * 16 + 512 + conv(3, 512, 512) + conv(1, 512, imageChannels);
  let discriminator = conv(3, 513, 512) + conv(4, 512, 512) + 513 + conv(1, imageChannels, 512);
  for (let r = 8; r <= resolution; r *= 2) {
    generator +=
      conv(3, width(r / 2), width(r)) + conv(3, width(r), width(r)) + conv(1, width(r), imageChannels);
    discriminator +=
      conv(1, imageChannels, width(r)) + conv(3, width(r), width(r)) + conv(3, width(r), width(r / 2));
  }
  return [generator, discriminator];
}

test("has the reference's number of parameters at 256 pixels and five channels", () => {
  const config = { ...PAPER, resolution: 256, imageChannels: 5 };
  const [generator, discriminator] = [new ShapeParams(), new ShapeParams()];
  new ProgressiveGanGenerator(generator, config);
  new ProgressiveGanDiscriminator(discriminator, config);
  const counts = [generator.count, discriminator.count];
  assert.equal(counts, countsByHand(config));
  // 23.1 million in each, table 2 of the paper, at 1024 pixels and three channels.
  assert.equal(
    countsByHand(PAPER).map((count) => Math.round(count / 1e5)),
    [231, 231],
  );
});

test("names every variable and buffer once, fused or not", () => {
  for (const config of [SMALL, { ...SMALL, resolution: 64, channelBase: 128, fusedScale: false }]) {
    const { generator, discriminator, dispose } = networks(config);
    const pairs = [
      [generator.params, progressiveGanGeneratorNames(config)],
      [discriminator.params, progressiveGanDiscriminatorNames(config)],
    ] as const;
    for (const [params, names] of pairs) {
      assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
      const referenceNames = [...names.values()].map((entry) =>
        typeof entry === "string" ? entry : entry.name,
      );
      assert.is(new Set(referenceNames).size, names.size);
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
      const images = generator.apply(latentsOf(config, 2));
      assert.equal(images.shape, [2, resolution, resolution, 2]);
      const logits = discriminator.apply(images);
      assert.equal(logits.shape, [2, 1]);
      assert.ok(logits.dataSync().every(Number.isFinite));
    });
    assert.is(tf.memory().numTensors, before);
    dispose();
  }
});

test("refuses sizes that are no power of two, and levels of detail it does not have", () => {
  assert.throws(() => networks({ ...SMALL, resolution: 48 }), /power of two/);
  const { generator, discriminator, dispose } = networks(SMALL);
  assert.throws(() => generator.apply(latentsOf(SMALL, 2), { lod: 2.5 }), /level of detail/);
  assert.throws(() => discriminator.apply(tf.zeros([2, 16, 16, 2]), { lod: -1 }), /level of detail/);
  dispose();
});

test("fades between resolutions: 1.3 is 70 % of the image of 8x8 pixels and 30 % of that of 4x4", () => {
  const { generator, dispose } = networks(SMALL);
  const at = (lod: number) => generator.apply(latentsOf(SMALL, 2), { lod });
  near(at(1.3), at(1).mul(0.7).add(at(2).mul(0.3)), 1e-6);
  const blocks = at(2).reshape([2, 4, 4, 4, 4, 2]);
  near(blocks.max([2, 4]), blocks.min([2, 4]), 0);
  dispose();
});

test("sees at a level of detail what the image has at that resolution", () => {
  const { discriminator, dispose } = networks(SMALL);
  const images = Rng.fromSeed(4).normal<tf.Rank.R4>([2, 16, 16, 2]);
  const coarse = tf.image.resizeNearestNeighbor(tf.avgPool(images, 2, 2, "valid"), [16, 16]);
  near(discriminator.apply(images, { lod: 1 }), discriminator.apply(coarse, { lod: 1 }), 1e-5);
  // The whole step is reached without a jump from either side.
  for (const [lod, whole] of [
    [0.9999, 1],
    [1.0001, 1],
    [0.0001, 0],
  ] as const)
    near(discriminator.apply(images, { lod }), discriminator.apply(images, { lod: whole }), 1e-2);
  dispose();
});

test("takes the level of detail that was saved with it where none is given", () => {
  const { generator, dispose } = networks(SMALL);
  generator.params.buffers.get("lod")?.assign(tf.scalar(1.5));
  near(generator.apply(latentsOf(SMALL, 2)), generator.apply(latentsOf(SMALL, 2), { lod: 1.5 }), 0);
  dispose();
});

test("has the gradients of finite differences, of the loss and of the gradient penalty", () => {
  const { generator, discriminator, dispose } = networks(SMALL);
  const z = latentsOf(SMALL, 4);
  const weights = Rng.fromSeed(7).normal([4, 16, 16, 2]);
  const images = Rng.fromSeed(8).normal<tf.Rank.R4>([4, 16, 16, 2]);
  const score = () => generator.apply(z, { lod: 0.4 }).mul(weights).mean<tf.Scalar>();
  checkParameterGradients(
    generator.params,
    score,
    ["block4/dense/kernel", "block8/conv0/kernel", "block16/conv1/bias", "block8/toImage/kernel"],
    2e-3,
  );
  const paths = ["block16/conv1/kernel", "block8/conv0/kernel", "block4/conv/kernel", "block4/dense1/kernel"];
  checkParameterGradients(
    discriminator.params,
    () => discriminator.apply(images, { lod: 0.4 }).mean<tf.Scalar>(),
    paths,
    2e-3,
  );
  const penalty = () => squaredGradientNorms(discriminator, images).mean<tf.Scalar>();
  checkParameterGradients(discriminator.params, penalty, paths, 1e-2, 1e-3);
  dispose();
});

test("keeps its memory over fifty steps", () => {
  const { generator, discriminator, dispose } = networks(SMALL);
  const z = latentsOf(SMALL, 4);
  const images = Rng.fromSeed(8).normal<tf.Rank.R4>([4, 16, 16, 2]);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 50; i++)
    tf.tidy(() => {
      const fakes = generator.apply(z);
      const loss = () => discriminator.apply(fakes).sub(discriminator.apply(images)).mean<tf.Scalar>();
      variableGradients(discriminator.params, loss, "zero");
    });
  assert.is(tf.memory().numTensors, before);
  dispose();
});

test.run();
