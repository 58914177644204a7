import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GREY_OF_CLASS } from "../../../lib/data/mask-code";
import type { SliceSet } from "../../../lib/data/slice-set";
import { scoreRegions } from "../../../lib/study/audit/region-dice";
import { near } from "../../near";

const test = suite("scoreRegions");

/**
 * One slice of 8 x 8: 8 pixels of core (class 1), 16 of edema (2), 8 of enhancing tumour (3), 28 of brain, 4 outside.
 * FLAIR is bright in core, edema and enhancing tumour alike, T1w-Gd in the enhancing tumour alone.
 */
const CLASSES = [8, 16, 8, 28].flatMap((count, i) => Array<number>(count).fill((i + 1) % 4));

function slices(subjects: number): SliceSet {
  const images = new Uint8Array(subjects * 64 * 5);
  for (let n = 0; n < subjects; n++)
    CLASSES.forEach((index, i) => {
      const at = (64 * n + i) * 5;
      images[at + 1] = index === 3 ? 240 : 90;
      images[at + 3] = index === 0 ? 60 : 200;
      images[at + 4] = GREY_OF_CLASS[index] ?? 0;
    });
  return {
    size: 8,
    count: subjects,
    images,
    subjects: Array.from({ length: subjects }, (_, n) => `S${n}`),
    subjectOf: Int32Array.from({ length: subjects }, (_, n) => n),
    z: Int32Array.from({ length: subjects }, () => 1),
    simulated: true,
    source: "blocks",
  };
}

const classes = Uint8Array.from([...CLASSES, 0, 0, 0, 0]);

test("counts each region as the union of its classes, for the network and the thresholds", () => {
  // The network takes all core for edema.
  const prediction = classes.map((index) => (index === 1 ? 2 : index));
  const found = scoreRegions(slices(1), prediction, slices(1), ["t1wGd", "flair"]);
  assert.equal(
    found.map(({ region, method }) => [region, method]),
    ["wholeTumour", "tumourCore", "enhancingTumour"].flatMap((region) =>
      ["network", "t1wGd", "flair"].map((method) => [region, method]),
    ),
  );
  near(
    found.map(({ dice }) => dice[0] ?? Number.NaN),
    [
      ...[1, (2 * 32) / (32 + 60), 1], // T1w-Gd: all the brain is best, 60 pixels for 32
      ...[(2 * 8) / (16 + 8), (2 * 8) / (16 + 8), (2 * 16) / (16 + 32)],
      ...[1, 1, (2 * 8) / (8 + 32)],
    ],
    1e-12,
  );
});

test("a threshold is chosen on the training subjects and read in each subject's own scores", () => {
  const darker = slices(2);
  // The second subject's scanner writes half of every grey value: its standard scores stay the same.
  for (let at = 64 * 5; at < darker.images.length; at++)
    if (at % 5 !== 4) darker.images[at] = Math.round((darker.images[at] ?? 0) / 2);
  const found = scoreRegions(darker, Uint8Array.from([...classes, ...classes]), slices(3), ["flair"]);
  assert.ok(found.every(({ dice }) => dice.length === 2 && dice[0] === dice[1]));
  assert.ok(found.every(({ method, threshold }) => (method === "network") === (threshold === null)));
});

test("has no value where a region is empty in annotation and prediction, and 0 where only one has it", () => {
  const empty = slices(1);
  for (let i = 0; i < 64; i++) if (classes[i] === 3) empty.images[5 * i + 4] = GREY_OF_CLASS[2];
  const without = classes.map((index) => (index === 3 ? 2 : index));
  const enhancing = (prediction: Uint8Array): number | null | undefined =>
    scoreRegions(empty, prediction, slices(1), []).find(({ region }) => region === "enhancingTumour")
      ?.dice[0];
  assert.is(enhancing(without), null);
  assert.is(enhancing(classes), 0);
});

test.run();
