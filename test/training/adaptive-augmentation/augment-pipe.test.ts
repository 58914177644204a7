import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CompiledFunction } from "../../../lib/backend/graph/compiled-function";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { BG, BGC, type AugmentConfig } from "../../../lib/training/adaptive-augmentation/augment-config";
import { AugmentPipe } from "../../../lib/training/adaptive-augmentation/augment-pipe";
import { checkGradients } from "../../models/layers/gradient-check";
import { near } from "../../near";

const test = suite("augmentation");

const SIZE = 8;
const NOTHING: AugmentConfig = {
  ...BG,
  ...{ flip: 0, quarterTurns: 0, wholeShift: 0, scale: 0, rotation: 0, stretch: 0, shift: 0 },
};

test.before(async () => {
  await startBackend({ precision: "float32" });
});

function imagesOf(samples: number, channels: number): tf.Tensor4D {
  return Rng.fromSeed(3).normal<tf.Rank.R4>([samples, SIZE, SIZE, channels]);
}

function augmented(
  config: AugmentConfig,
  images: tf.Tensor4D,
  p: number,
  colourChannels: number,
  seed = 1,
): tf.Tensor4D {
  const pipe = new AugmentPipe(config, { size: SIZE, colourChannels });
  const result = pipe.apply(images, tf.scalar(p), Rng.fromSeed(seed));
  pipe.dispose();
  return result;
}

test("changes nothing at p = 0", () => {
  const images = imagesOf(4, 5);
  near(augmented(BGC, images, 0, 4), images, 1e-5);
});

test("draws the same changes from the same numbers, and others from others", () => {
  const images = imagesOf(4, 3);
  near(augmented(BGC, images, 0.7, 3), augmented(BGC, images, 0.7, 3), 0);
  assert.not.equal(
    [...augmented(BGC, images, 0.7, 3, 2).dataSync()],
    [...augmented(BGC, images, 0.7, 3).dataSync()],
  );
});

test("changes about a share p of the samples by each kind of change", () => {
  const images = imagesOf(64, 1);
  for (const kind of [
    "wholeShift",
    "scale",
    "rotation",
    "stretch",
    "shift",
    "brightness",
    "contrast",
  ] as const) {
    const result = augmented({ ...NOTHING, [kind]: 1 }, images, 0.5, 1);
    const changes = result.sub(images).abs().max([1, 2, 3]).dataSync();
    const changed = changes.filter((change) => change > 1e-3).length;
    // 32 of 64 expected, standard deviation 4; of whole shifts, of one pixel here, a quarter is by nothing.
    assert.ok(changed > 10 && changed < 48, `${kind}: ${changed} of 64`);
  }
});

test("flips one sample in two at p = 1, to its mirror image", () => {
  // A line along x that the filters leave alone but for the border.
  const row = Array.from({ length: SIZE }, (_, i) => Math.cos((Math.PI * i) / (SIZE - 1)));
  const image = tf.tensor4d(new Array<number[]>(SIZE).fill(row).flat(), [1, SIZE, SIZE, 1]);
  const result = augmented({ ...NOTHING, flip: 1 }, image.tile([32, 1, 1, 1]), 1, 0);
  const signs = Array.from(result.mul(image).mean([1, 2, 3]).dataSync(), Math.sign);
  const flipped = signs.filter((sign) => sign < 0).length;
  assert.ok(flipped > 6 && flipped < 26, `${flipped} of 32`);
  // The filter's middle lies a tenth of a pixel off, as in the reference.
  near(result.mul(tf.tensor4d(signs, [32, 1, 1, 1])), image.tile([32, 1, 1, 1]), 0.1);
});

test("adds, scales and flips colours as worked by hand", () => {
  const images = imagesOf(16, 4);
  const brighter = augmented({ ...NOTHING, brightness: 1 }, images, 1, 3).sub(images);
  const added = brighter.max([1, 2]).arraySync() as number[][];
  for (const channels of added) {
    // The same number on each colour channel, nothing on the mask.
    near(channels.slice(0, 3), new Array<number>(3).fill(channels[0] ?? 0), 1e-5);
    assert.is(channels[3], 0);
  }
  near(brighter.min([1, 2]), added.flat(), 1e-5);

  const flipped = augmented({ ...NOTHING, lumaFlip: 1 }, images, 1, 4);
  // The mean over the channels is turned round in some samples, and what is left of it stays.
  const [before, after] = [images.mean(3, true), flipped.mean(3, true)];
  near(flipped.sub(after), images.sub(before), 1e-5);
  near(after.abs(), before.abs(), 1e-5);

  const saturated = augmented({ ...NOTHING, saturation: 1 }, images, 1, 4);
  near(saturated.mean(3), images.mean(3), 1e-5);
  const [colour, plain] = [saturated.sub(before), images.sub(before)];
  const factor = colour
    .square()
    .sum([1, 2, 3], true)
    .div(plain.square().sum([1, 2, 3], true))
    .sqrt();
  near(colour, plain.mul(factor), 1e-4);
  assert.ok((factor.max().sub(factor.min()).dataSync()[0] ?? 0) > 0.1);
});

test("turns hues: luma and distances stay, in any number of channels", () => {
  for (const channels of [3, 4, 6]) {
    const images = imagesOf(8, channels);
    const turned = augmented({ ...NOTHING, hue: 1 }, images, 1, channels);
    near(turned.mean(3), images.mean(3), 1e-5);
    near(turned.square().sum(3), images.square().sum(3), 1e-5);
    const cosines = turned
      .mul(images)
      .sum([1, 2, 3])
      .div(images.square().sum([1, 2, 3]))
      .dataSync();
    assert.ok(cosines.some((cosine) => cosine < 0.9));
  }
  const two = imagesOf(2, 2);
  near(augmented({ ...NOTHING, hue: 1 }, two, 1, 2), two, 1e-6);
});

test("keeps a mask from colour but not from geometry", () => {
  const images = imagesOf(6, 5);
  const result = augmented(BGC, images, 1, 4);
  const alone = augmented(BG, images, 1, 4);
  near(
    tf.slice(result, [0, 0, 0, 4], [6, SIZE, SIZE, 1]),
    tf.slice(alone, [0, 0, 0, 4], [6, SIZE, SIZE, 1]),
    1e-5,
  );
});

test("agrees with finite differences, also of a gradient penalty, and frees what it made", () => {
  const pipe = new AugmentPipe(BGC, { size: SIZE, colourChannels: 2 });
  const x = imagesOf(2, 3);
  const p = tf.scalar(0.8);
  const before = tf.memory().numTensors;
  const map = (value: tf.Tensor) => pipe.apply(value as tf.Tensor4D, p, Rng.fromSeed(4));
  checkGradients(map, [x], 1e-3);
  // The gradient of sum(map(x)^2 x), itself a curved function of x.
  checkGradients((value) => tf.grad((v) => map(v).square().mul(v).sum())(value), [x], 2e-2);
  assert.is(tf.memory().numTensors, before);
  pipe.dispose();
});

test("can be part of a compiled function, with new draws and another p in each run", () => {
  const pipe = new AugmentPipe(BGC, { size: SIZE, colourChannels: 3 });
  const images = imagesOf(4, 3);
  const compiled = new CompiledFunction(([x, p], rng) => [pipe.apply(x as tf.Tensor4D, p as tf.Scalar, rng)]);
  for (const [seed, p] of [
    [1, 0.9],
    [2, 0.9],
    [3, 0],
  ] as const) {
    const [result] = compiled.run([images, tf.scalar(p)], Rng.fromSeed(seed));
    near(result ?? [], pipe.apply(images, tf.scalar(p), Rng.fromSeed(seed)), 1e-5, `seed ${seed}`);
  }
  compiled.dispose();
  pipe.dispose();
});

test.run();
