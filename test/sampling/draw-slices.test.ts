import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import type { Denoiser } from "../../lib/models/diffusion/diffusion-unet";
import { drawSlices, toGrey, type DrawOptions } from "../../lib/sampling/draw-slices";
import { temporaryFolder } from "../temporary-folder";

const test = suite("drawSlices");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** Predicts that half of what it sees is noise: images differ by their start alone. */
const HALVING: Denoiser = { apply: (xt) => xt.mul<tf.Tensor4D>(0.5) };

function options(change: Partial<DrawOptions> = {}): DrawOptions {
  return {
    denoiser: HALVING,
    config: { schedule: { name: "linear", steps: 1000 }, target: "noise" },
    method: { kind: "ddim", steps: 4 },
    size: 4,
    images: 10,
    batchSize: 4,
    folder: temporaryFolder(),
    source: "made for a test",
    simulated: true,
    rng: Rng.fromSeed(11),
    ...change,
  };
}

const batchFiles = (folder: string) => readdirSync(folder).sort();

test("draws every image once, each a slice of its own that says where it comes from", async () => {
  const { set, withoutTumour } = await drawSlices(options());
  assert.equal([set.count, set.images.length], [10, 10 * 4 * 4 * 5]);
  assert.equal(set.subjects.slice(0, 2), ["seed000000", "seed000001"]);
  assert.equal([...set.subjectOf], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal([set.simulated, set.source], [true, "made for a test"]);
  assert.ok(withoutTumour >= 0 && withoutTumour <= 10);
  const starts = new Set(
    Array.from({ length: 10 }, (_, n) => set.images.subarray(80 * n, 80 * n + 80).join()),
  );
  assert.is(starts.size, 10);
});

test("gives the same bytes from the same seed, and others from another", async () => {
  const [first, second] = [await drawSlices(options()), await drawSlices(options())];
  assert.equal(first.set, second.set);
  const other = await drawSlices(options({ rng: Rng.fromSeed(12) }));
  assert.not.equal(other.set.images, first.set.images);
});

test("a longer run begins with the same images, whatever the batch", async () => {
  const short = await drawSlices(options({ images: 5 }));
  const long = await drawSlices(options({ images: 12, batchSize: 3 }));
  assert.equal(long.set.images.subarray(0, short.set.images.length), short.set.images);
});

test("goes on after an interruption, and makes again what was lost, with the same bytes", async () => {
  const whole = await drawSlices(options());
  const folder = temporaryFolder();
  const controller = new AbortController();
  const onProgress = (done: number) => {
    if (done === 8) controller.abort(new Error("stop"));
  };
  const stopped = drawSlices(options({ folder, signal: controller.signal, onProgress }));
  assert.is(await stopped.then(() => "finished").catch((error: unknown) => String(error)), "Error: stop");
  assert.equal(batchFiles(folder), ["batch-00000.safetensors", "batch-00001.safetensors"]);
  rmSync(join(folder, "batch-00000.safetensors"));

  const seen: (readonly number[])[] = [];
  const resumed = await drawSlices(options({ folder, onProgress: (...counts) => seen.push(counts) }));
  assert.equal(resumed.set, whole.set);
  // Done, of all, and what an earlier run had done.
  assert.equal(seen, [
    [4, 10, 4],
    [8, 10, 4],
    [10, 10, 4],
  ]);
});

test("keeps its batches until it is told that the set is stored", async () => {
  const folder = temporaryFolder();
  const drawn = await drawSlices(options({ folder }));
  assert.is(batchFiles(folder).length, 3);
  const again = await drawSlices(options({ folder }));
  assert.equal([again.imagesPerSec, again.set], [0, drawn.set]);
  drawn.removeBatches();
  assert.equal(batchFiles(folder), []);
});

test("rounds down to 8 bits and clips, as the reference's samplers do", () => {
  const images = tf.tensor4d([-2, -1, -0.999, 0, 0.999, 1, 3, 0.5], [1, 1, 1, 8]);
  // (x + 1) 127.5: 0.1275, 127.5, 254.87, 255, 191.25.
  assert.equal([...toGrey(images)], [0, 0, 0, 127, 254, 255, 255, 191]);
  images.dispose();
});

test("counts images whose mask names no tumour", async () => {
  // Predicting the image itself: black everywhere has no tumour, white everywhere is enhancing tumour.
  const of = async (apply: Denoiser["apply"]) =>
    (await drawSlices(options({ denoiser: { apply }, config: { ...options().config, target: "image" } })))
      .withoutTumour;
  assert.is(await of((xt) => tf.fill(xt.shape, -1)), 10);
  assert.is(await of((xt) => tf.fill(xt.shape, 1)), 0);
});

test("leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await drawSlices(options());
  assert.is(tf.memory().numTensors, before);
});

test.run();
