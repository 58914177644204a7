import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scoreMask, scoreVolume } from "../../lib/metrics/volume-scores";
import { near } from "../near";

const test = suite("scores of a volume");

/** A row of voxels 1 mm apart, written as class indices. */
const row = (digits: string) => ({
  classes: Uint8Array.from(digits, Number),
  shape: [digits.length, 1, 1] as const,
  spacingMm: [1, 1, 1],
});
const score = (annotation: string, prediction: string) =>
  scoreVolume(row(annotation), row(prediction).classes);

test("counts each class for itself and each region as a union", () => {
  const { classes, regions, meanDice } = score("0122330", "0122233");
  near(
    [classes.necroticCore.dice, classes.edema.dice, classes.enhancingTumour.dice],
    [1, 4 / 5, 1 / 2],
    1e-12,
  );
  near([meanDice], [(1 + 4 / 5 + 1 / 2) / 3], 1e-12);
  // Whole tumour: 5 voxels annotated, 6 predicted; core: 1 and 4, 5 against 1 and 5, 6.
  near([regions.wholeTumour.dice, regions.tumourCore.dice], [10 / 11, 4 / 6], 1e-12);
  near([regions.wholeTumour.sensitivity, regions.wholeTumour.precision], [1, 5 / 6], 1e-12);
  assert.is(regions.wholeTumour.hausdorffMm, 1);
});

test("leaves a class out that is empty in both, and gives 0 to one that is empty in one", () => {
  const { classes, meanDice } = score("0022", "0320");
  assert.ok(Number.isNaN(classes.necroticCore.dice));
  assert.is(classes.enhancingTumour.dice, 0);
  assert.ok(Number.isNaN(classes.enhancingTumour.hausdorff95Mm));
  near([meanDice], [(0 + 2 / 3) / 2], 1e-12);
});

test("follows the challenge's rules for empty regions", () => {
  const { regions } = score("0022", "0320");
  near([regions.tumourCore.hausdorff95Mm], [373.1287], 1e-6);
  assert.is(regions.tumourCore.dice, 0);
  const { regions: healthy } = score("0000", "0000");
  assert.equal([healthy.wholeTumour.dice, healthy.wholeTumour.hausdorff95Mm], [1, 0]);
});

test("a mask is scored as the union that it is, by the study's rules where it is empty", () => {
  const whole = (annotation: string, prediction: string) =>
    scoreMask(Uint8Array.from(annotation, Number), Uint8Array.from(prediction, Number), [7, 1, 1], [2, 1, 1]);
  const { wholeTumour } = scoreVolume(
    { ...row("0122330"), spacingMm: [2, 1, 1] },
    row("0122203").classes,
  ).regions;
  assert.equal(whole("0111110", "0111101"), wholeTumour);
  const { dice, hausdorffMm, precision, sensitivity } = whole("0000011", "0000000");
  assert.equal([dice, hausdorffMm, precision, sensitivity], [0, Number.NaN, Number.NaN, 0]);
  assert.throws(() => whole("0111110", "0222220"), /has class 2/);
});

test("refuses a class that there is not", () => {
  assert.throws(() => score("0123", "0124"), /has class 4/);
});

test.run();
