import { suite } from "uvu";
import * as assert from "uvu/assert";
import { masksOf } from "../../../lib/data/batches";
import type { SliceSet } from "../../../lib/data/slice-set";
import { bestThreshold, thresholdScores } from "../../../lib/metrics/threshold-segmentation";
import { meanWholeTumour, scoreTransfer, transferSchema } from "../../../lib/study/audit/transfer";
import { near } from "../../near";
import { toySlices } from "../../training/toy-slices";

const test = suite("transfer");

/** Toy slices whose tumour is brightest on FLAIR where it is edema, so that a threshold finds a part of it. */
function cohort(seed: number): SliceSet {
  const set = toySlices(6, 16, seed);
  const classes = masksOf(set, Array.from(set.subjectOf.keys()));
  const images = set.images.slice();
  classes.forEach((index, i) => {
    if (index === 2) images[5 * i + 3] = 200;
  });
  return { ...set, images };
}

const [target, train] = [cohort(1), cohort(2)];
const annotation = masksOf(target, Array.from(target.subjectOf.keys()));

test("scores the network and both thresholds by the same measures", () => {
  const { threshold, subjects } = scoreTransfer(target, annotation, train);
  assert.equal(
    subjects.map(({ subject }) => subject),
    ["toy-a", "toy-b"],
  );
  for (const { wholeTumour, dice } of subjects) {
    // The prediction is the annotation.
    const { regions, ...network } = wholeTumour.network;
    assert.equal(network, { dice: 1, hausdorff95Mm: 0, precision: 1, sensitivity: 1, falseRegions: 0 });
    assert.ok(regions >= 1);
    assert.equal(Object.values(dice), [1, 1, 1]);
  }
  const [here, there] = [thresholdScores(target, "flair"), thresholdScores(train, "flair")];
  assert.equal(threshold, {
    chosenOnTraining: bestThreshold(there).threshold,
    bestOnTarget: bestThreshold(here).threshold,
  });
  // The Dice of the masks is that which the thresholds were chosen by.
  near(
    subjects.map(({ wholeTumour }) => wholeTumour.thresholdBestOnTarget.dice ?? Number.NaN),
    here.dice.map((of) => of[bestThreshold(here).index] ?? Number.NaN),
    1e-12,
  );
  near(
    subjects.map(({ wholeTumour }) => wholeTumour.thresholdFromTraining.dice ?? Number.NaN),
    here.dice.map((of) => of[bestThreshold(there).index] ?? Number.NaN),
    1e-12,
  );
});

test("is the same after JSON, and a mean leaves out what is not defined", () => {
  const prediction = annotation.slice();
  // Nothing is predicted in the second subject: the odd slices.
  for (let n = 1; n < target.count; n += 2) prediction.fill(0, n * 256, (n + 1) * 256);
  const found = scoreTransfer(target, prediction, train);
  const part = transferSchema.pick({ threshold: true, subjects: true });
  assert.equal(part.parse(JSON.parse(JSON.stringify(found))), found);
  assert.equal(
    found.subjects.map(({ wholeTumour: { network } }) => [network.dice, network.hausdorff95Mm]),
    [
      [1, 0],
      [0, null],
    ],
  );
  assert.equal(
    (["dice", "hausdorff95Mm", "precision", "sensitivity"] as const).map((measure) =>
      meanWholeTumour(found, "network", measure),
    ),
    [0.5, 0, 1, 0.5],
  );
});

test.run();
