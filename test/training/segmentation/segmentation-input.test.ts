import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import type { UNetConfig } from "../../../lib/models/unet/unet";
import { STUDY_SWIN } from "../../../lib/models/swin/upernet-swin";
import { inputLayout, inputTensor, plainBatch } from "../../../lib/training/segmentation/segmentation-input";
import { IGNORED_LABEL } from "../../../lib/training/segmentation/segmentation-loss";
import { balancedReader, type SliceReader } from "../../../lib/training/segmentation/segmentation-slices";
import { near } from "../../near";
import { toySlices } from "../toy-slices";

const test = suite("the input of the U-Net");
const SAME = { inChannels: 4, classes: 4, depth: 2, firstChannels: 2, padding: "same" } as const;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** A 2x2 slice from its t1w values; the other sequences are constant, the mask has every class. */
function slice(t1w: readonly number[]): SliceReader {
  const masks = [0, 51, 102, 204];
  const pixels = Uint8Array.from(t1w.flatMap((v, i) => [v, 7, 0, 255, masks[i] ?? 0]));
  return { size: 2, count: 1, pixels: () => pixels };
}

function batchOf(slices: SliceReader, indices: readonly number[], config: UNetConfig = SAME) {
  const layout = inputLayout(config, slices.size);
  const batch = plainBatch(slices, indices, layout);
  return { x: inputTensor(batch, layout), labels: batch.labels };
}

test("is a z-score over the pixels other than the darkest, applied to all", () => {
  // Without 10: 20 30 40, mean 30, standard deviation (of n - 1) 10.
  const { x } = batchOf(slice([10, 20, 30, 40]), [0]);
  assert.equal(x.shape, [1, 2, 2, 4]);
  near(x.slice([0, 0, 0, 0], [1, 2, 2, 1]), [-2, -1, 0, 1], 1e-6);
});

test("is zero for a constant sequence", () => {
  const { x } = batchOf(slice([10, 20, 30, 40]), [0]);
  near(x.slice([0, 0, 0, 1], [1, 2, 2, 3]), new Float32Array(12), 0);
});

test("is padded with the value of grey 0 to a size that the levels can halve", () => {
  const config = { ...SAME, depth: 3 }; // 2 -> 4
  const x = batchOf(slice([0, 20, 30, 40]), [0], config).x.dataSync();
  assert.is(x.length, 4 * 4 * 4);
  const t1w = x.filter((_, i) => i % 4 === 0);
  near(t1w, [-3, -3, -3, -3, -3, -3, -1, -3, -3, 0, 1, -3, -3, -3, -3, -3], 1e-6);
});

test("has labels that ignore the padding", () => {
  const config = { ...SAME, depth: 3 };
  const { labels } = batchOf(slice([0, 20, 30, 40]), [0, 0], config);
  const i = IGNORED_LABEL;
  assert.equal([...labels.subarray(16)], [i, i, i, i, i, 0, 1, i, i, 2, 3, i, i, i, i, i]);
  assert.equal([...batchOf(slice([0, 0, 0, 0]), [0]).labels], [0, 1, 2, 3]);
});

test("is grey values of the slice's own size for the Swin", () => {
  const layout = inputLayout(STUDY_SWIN, 2);
  const batch = plainBatch(slice([10, 20, 30, 40]), [0], layout);
  assert.equal(
    [...batch.values],
    [10, 20, 30, 40].flatMap((v) => [v, 7, 0, 255]),
  );
  assert.equal([...batch.labels], [0, 1, 2, 3]);
});

test("repeats the smaller of two sets as the study does, and refuses what does not fit", () => {
  const [few, many] = [toySlices(3, 4, 1), toySlices(7, 4, 2)];
  const both = balancedReader([few, many]);
  assert.is(both.count, 3 * 3 + 7); // ceil(7 / 3) = 3 times the small one
  const bytes = 4 * 4 * 5;
  assert.equal([...both.pixels(5)], [...few.images.subarray(2 * bytes, 3 * bytes)]);
  assert.equal([...both.pixels(9 + 6)], [...many.images.subarray(6 * bytes)]);
  assert.throws(() => both.pixels(16), /slice 16 does not exist/);
  assert.throws(() => both.pixels(-1), /does not exist/);
  assert.throws(() => balancedReader([few, toySlices(3, 8, 1)]), /is of size 8, expected 4/);
});

test.run();
