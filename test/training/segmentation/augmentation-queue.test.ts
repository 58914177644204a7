import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import { STUDY_AUGMENTATION } from "../../../lib/data/augmentation/augmentation-config";
import { defaultWorkers } from "../../../lib/training/segmentation/augmentation-queue";
import { SegmentationBatches } from "../../../lib/training/segmentation/segmentation-batches";
import { inputLayout, type SegmentationBatch } from "../../../lib/training/segmentation/segmentation-input";
import { readerOf } from "../../../lib/training/segmentation/segmentation-slices";
import { toySlices } from "../toy-slices";

const test = suite("augmented batches");

const slices = readerOf(toySlices(10, 16, 1));
const layout = inputLayout({ inChannels: 4, classes: 4, depth: 3, firstChannels: 4, padding: "same" }, 16);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

function batchesOf(workers: number, batchSize = 4): SegmentationBatches {
  const rng = Rng.fromSeed(1);
  return new SegmentationBatches({
    slices,
    layout,
    batchSize,
    totalSteps: 24 / batchSize,
    rng,
    augmentation: STUDY_AUGMENTATION,
    workers,
  });
}

async function take(batches: SegmentationBatches, first: number, end: number): Promise<SegmentationBatch[]> {
  const taken: SegmentationBatch[] = [];
  for (let step = first; step < end; step++) taken.push(await batches.batch(step));
  await batches.close();
  return taken;
}

test("are the same from any number of threads, from any step on, and in batches of any size", async () => {
  const alone = await take(batchesOf(0), 0, 6);
  assert.equal(await take(batchesOf(2), 0, 6), alone);
  assert.equal(await take(batchesOf(1), 4, 6), alone.slice(4));
  const [large] = await take(batchesOf(0, 8), 0, 1);
  assert.equal([...(large?.values ?? [])], [...(alone[0]?.values ?? []), ...(alone[1]?.values ?? [])]);
  assert.not.equal(alone[0]?.values, alone[1]?.values);
});

test("end their threads when they are closed, also with batches under way", async () => {
  const batches = batchesOf(1);
  await batches.batch(0);
  await batches.close();
  await batches.close();
});

test("leave one processor to the training, and use four at most", () => {
  assert.equal(
    [1, 2, 3, 64].map((threads) => defaultWorkers(threads)),
    [0, 1, 2, 4],
  );
});

test.run();
