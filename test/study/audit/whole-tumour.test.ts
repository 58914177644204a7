import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SliceSet } from "../../../lib/data/slice-set";
import { scoreWholeTumour, spacingOf, type WholeTumourScore } from "../../../lib/study/audit/whole-tumour";
import { near } from "../../near";

const test = suite("whole tumour");
const SIZE = 64;

/** Slices of 64 x 64 pixels at some axial positions; their images count for nothing here. */
function slicesAt(z: readonly number[], subjectOf: readonly number[] = z.map(() => 0)): SliceSet {
  return {
    size: SIZE,
    count: z.length,
    images: new Uint8Array(),
    subjects: ["A", "B"],
    subjectOf: Int32Array.from(subjectOf),
    z: Int32Array.from(z),
    simulated: true,
    source: "drawn",
  };
}

/** A mask of so many slices with these pixels set, as [slice, row, column], to a class. */
function mask(slices: number, pixels: readonly (readonly [number, number, number])[], index = 1): Uint8Array {
  const classes = new Uint8Array(slices * SIZE * SIZE);
  for (const [n, row, column] of pixels) classes[(n * SIZE + row) * SIZE + column] = index;
  return classes;
}

/** 2 x 2 pixels of each of some slices. */
const block = (slices: readonly number[]): readonly (readonly [number, number, number])[] =>
  slices.flatMap((n) => [0, 1].flatMap((row) => [0, 1].map((column) => [n, 10 + row, 10 + column] as const)));

const values = ({ dice, hausdorff95Mm, precision, sensitivity }: WholeTumourScore): number[] =>
  [dice, hausdorff95Mm, precision, sensitivity].map((value) => value ?? Number.NaN);

test("pixels are as large as the padded slice makes them, slices 1 mm apart at every size", () => {
  assert.equal(
    [256, 64, 32].map((size) => spacingOf({ size })),
    [
      [1, 1, 1],
      [4, 4, 1],
      [8, 8, 1],
    ],
  );
});

test("one pixel far off is a false region; it costs little Dice and much distance", () => {
  const annotation = mask(3, block([0, 1, 2]), 2);
  const prediction = mask(3, [...block([0, 1, 2]), [1, 10, 20]], 3);
  const score = scoreWholeTumour(slicesAt([40, 41, 42]), 0, annotation, prediction);
  // 12 voxels are right and one is wrong. It lies 9 pixels of 4 mm from the tumour. Of its 13 distances, all of them of
  // surface voxels, twelve are 0 and one is 36: the 95th percentile stands 0.4 of the way from the 12th to the 13th.
  near(values(score), [24 / 25, 0.4 * 36, 12 / 13, 1], 1e-12);
  assert.equal([score.falseRegions, score.regions], [1, 2]);
});

test("with its largest region alone, the pixel far off does not count", () => {
  const annotation = mask(3, block([0, 1, 2]), 2);
  const prediction = mask(3, [...block([0, 1, 2]), [1, 10, 20]], 3);
  const score = scoreWholeTumour(slicesAt([40, 41, 42]), 0, annotation, prediction, "largest");
  assert.equal(values(score), [1, 0, 1, 1]);
  assert.equal([score.falseRegions, score.regions], [0, 1]);
});

test("classes do not matter, and neither do the order of the slices nor another subject's among them", () => {
  const annotation = mask(4, [...block([0, 2, 3]), [1, 50, 50]], 1);
  const prediction = mask(4, [...block([0, 2, 3]), [0, 10, 20], [1, 3, 3]], 3);
  const score = scoreWholeTumour(slicesAt([41, 7, 42, 40], [0, 1, 0, 0]), 0, annotation, prediction);
  near(values(score), [24 / 25, 0.4 * 36, 12 / 13, 1], 1e-12);
  assert.equal([score.falseRegions, score.regions], [1, 2]);
});

test("slices stand at their positions: distances are true across a gap, and regions end at it", () => {
  const set = slicesAt([40, 44, 45]);
  const alone = scoreWholeTumour(set, 0, mask(3, [[0, 10, 10]]), mask(3, [[1, 10, 10]]));
  near(values(alone), [0, 4, 0, 0], 1e-12);
  const both = [
    [0, 10, 10],
    [1, 10, 10],
    [2, 11, 11],
  ] as const;
  const parted = scoreWholeTumour(set, 0, mask(3, [[2, 11, 11]]), mask(3, both));
  assert.equal([parted.falseRegions, parted.regions], [1, 2]);
});

test("what is not defined is null, without a penalty", () => {
  const set = slicesAt([40]);
  const [nothing, something] = [mask(1, []), mask(1, block([0]))];
  const none = { dice: null, hausdorff95Mm: null, precision: null, sensitivity: null };
  assert.equal(scoreWholeTumour(set, 0, nothing, nothing), { ...none, falseRegions: 0, regions: 0 });
  assert.equal(scoreWholeTumour(set, 0, something, nothing), {
    ...{ ...none, dice: 0, sensitivity: 0 },
    ...{ falseRegions: 0, regions: 0 },
  });
  assert.equal(scoreWholeTumour(set, 0, nothing, something), {
    ...{ ...none, dice: 0, precision: 0 },
    ...{ falseRegions: 1, regions: 1 },
  });
});

test("refuses a subject without slices, and two slices at one position", () => {
  const two = mask(2, []);
  assert.throws(() => scoreWholeTumour(slicesAt([40, 41]), 1, two, two), /has no slice/);
  assert.throws(() => scoreWholeTumour(slicesAt([40, 40]), 0, two, two), /one axial position/);
});

test.run();
