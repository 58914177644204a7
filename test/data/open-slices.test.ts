import { createHash } from "node:crypto";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { trainingSlices } from "../../lib/data/open-slices";
import { pixelHash } from "../../lib/data/pixel-hash";
import { ShardedSlices, type SliceSource } from "../../lib/data/sharded-slices";
import { concatSlices, writeSliceSet, type SliceSet } from "../../lib/data/slice-set";
import { failsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("slices of a split");

/** Two slices of a subject, each of one grey value. */
function subject(id: string, grey: number): SliceSet {
  return {
    size: 8,
    count: 2,
    images: new Uint8Array(2 * 8 * 8 * 5).fill(grey),
    subjects: [id],
    subjectOf: new Int32Array(2),
    z: Int32Array.of(40, 41),
    simulated: true,
    source: "made here",
  };
}

const sets = [subject("A", 1), subject("B", 2), subject("C", 3), subject("D", 4)];
const memory = concatSlices(sets);
const folder = temporaryFolder();
const disk = ShardedSlices.open(
  sets.map((set, i) => {
    const path = join(folder, `${i}.safetensors`);
    writeSliceSet(path, set);
    return path;
  }),
);
const split = { name: "made here", train: ["D", "A", "C"] };

/** Hash of slices that have these grey values, two each. */
function hashOf(greys: readonly number[]): string {
  const hash = createHash("sha256");
  for (const grey of greys) hash.update(new Uint8Array(2 * 8 * 8 * 5).fill(grey));
  return hash.digest("hex");
}

for (const [where, slices] of [
  ["in memory", memory],
  ["on the disk", disk],
] as const) {
  const hash = (source: SliceSource) => pixelHash(source);

  test(`${where}: all training subjects, in the order of the slices`, () => {
    assert.is(hash(trainingSlices(slices, split)), hashOf([1, 3, 4]));
  });

  test(`${where}: the first of them in the split's order`, () => {
    assert.is(hash(trainingSlices(slices, split, 1)), hashOf([4]));
    assert.is(hash(trainingSlices(slices, split, 2)), hashOf([1, 4]));
  });

  test(`${where}: more subjects than there are, or one without slices, are refused`, () => {
    failsNaming(() => trainingSlices(slices, split, 4), "split made here");
    failsNaming(() => trainingSlices(slices, { ...split, train: ["X"] }), "X");
  });
}

test.run();
