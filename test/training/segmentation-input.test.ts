import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import { normalisedSequences, paddedLabels } from "../../lib/training/segmentation-input";
import { IGNORED_LABEL } from "../../lib/training/segmentation-loss";
import { near } from "../near";

const test = suite("the input of the U-Net");
const SAME = { inChannels: 4, classes: 4, depth: 2, firstChannels: 2, padding: "same" } as const;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** A 2x2 slice from its t1w values; the other sequences are constant, the mask has every class. */
function slice(t1w: readonly number[]): { size: number; images: Uint8Array } {
  const masks = [0, 51, 102, 204];
  return { size: 2, images: Uint8Array.from(t1w.flatMap((v, i) => [v, 7, 0, 255, masks[i] ?? 0])) };
}

test("is a z-score over the pixels other than the darkest, applied to all", () => {
  // Without 10: 20 30 40, mean 30, standard deviation (of n - 1) 10.
  const x = normalisedSequences(slice([10, 20, 30, 40]), [0], SAME);
  assert.equal(x.shape, [1, 2, 2, 4]);
  near(x.slice([0, 0, 0, 0], [1, 2, 2, 1]), [-2, -1, 0, 1], 1e-6);
});

test("is zero for a constant sequence", () => {
  const x = normalisedSequences(slice([10, 20, 30, 40]), [0], SAME);
  near(x.slice([0, 0, 0, 1], [1, 2, 2, 3]), new Float32Array(12), 0);
});

test("is padded with the value of grey 0 to a size that the levels can halve", () => {
  const config = { ...SAME, depth: 3 }; // 2 -> 4
  const x = normalisedSequences(slice([0, 20, 30, 40]), [0], config).dataSync();
  assert.is(x.length, 4 * 4 * 4);
  const t1w = x.filter((_, i) => i % 4 === 0);
  near(t1w, [-3, -3, -3, -3, -3, -3, -1, -3, -3, 0, 1, -3, -3, -3, -3, -3], 1e-6);
});

test("has labels that ignore the padding", () => {
  const config = { ...SAME, depth: 3 };
  const labels = paddedLabels(slice([0, 20, 30, 40]), [0, 0], config);
  const i = IGNORED_LABEL;
  assert.equal([...labels.subarray(16)], [i, i, i, i, i, 0, 1, i, i, 2, 3, i, i, i, i, i]);
  assert.equal([...paddedLabels(slice([0, 0, 0, 0]), [0], SAME)], [0, 1, 2, 3]);
});

test("refuses a slice that does not exist", () => {
  assert.throws(() => normalisedSequences(slice([0, 1, 2, 3]), [1], SAME), /slice 1 does not exist/);
});

test.run();
