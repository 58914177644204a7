import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import type { SliceSet } from "../../../lib/data/slice-set";
import { Params } from "../../../lib/models/params";
import { UNet } from "../../../lib/models/unet/unet";
import { SLICE_CHANNELS } from "../../../lib/shape";
import { predictClasses, predictMirrored } from "../../../lib/training/segmentation/segmentation-prediction";
import { toySlices } from "../toy-slices";

const test = suite("predictMirrored");
const SIZE = 16;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** A plane of values a pixel, with columns or rows in the other order. */
function swapped<T extends Uint8Array>(values: T, perPixel: number, rows: boolean, columns: boolean): T {
  const other = values.slice() as T;
  for (let n = 0; n * SIZE * SIZE * perPixel < values.length; n++)
    for (let row = 0; row < SIZE; row++)
      for (let column = 0; column < SIZE; column++)
        for (let k = 0; k < perPixel; k++) {
          const from = [rows ? SIZE - 1 - row : row, columns ? SIZE - 1 - column : column] as const;
          const place = (r: number, c: number): number => ((n * SIZE + r) * SIZE + c) * perPixel + k;
          other[place(row, column)] = values[place(...from)] ?? 0;
        }
  return other;
}

test("a mirrored slice has the mirrored classes, which the network alone does not give", () => {
  const params = new Params(Rng.fromSeed(3));
  const network = new UNet(params, {
    inChannels: 4,
    classes: 4,
    depth: 2,
    firstChannels: 4,
    padding: "same",
  });
  const set = toySlices(5, SIZE, 1);
  const before = tf.memory().numTensors;
  const own = predictMirrored(network, set);
  assert.is(tf.memory().numTensors, before);
  let alone = 0;
  for (const [rows, columns] of [
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const mirrored: SliceSet = { ...set, images: swapped(set.images, SLICE_CHANNELS, rows, columns) };
    const expected = swapped(own, 1, rows, columns);
    const found = predictMirrored(network, mirrored);
    // Sums in another order may turn a tie.
    assert.ok(found.filter((index, i) => index !== expected[i]).length <= 2);
    const single = swapped(predictClasses(network, set), 1, rows, columns);
    alone += predictClasses(network, mirrored).filter((index, i) => index !== single[i]).length;
  }
  assert.ok(alone > 50, `${alone} pixels`);
  params.dispose();
});

test.run();
