import { suite } from "uvu";
import * as assert from "uvu/assert";
import { armLabel, diceScores } from "../../lib/study/scores";
import { studyTable } from "../../lib/study/tables";
import { near } from "../near";
import { studyOf, type SubjectDice } from "./results";

const test = suite("scores");

/**
 * Two subjects; the second has no necrotic core. Class means of the real-trained network: 0.5, 0.7, 0.6, so
 * 0.6; of the synthetic-trained one 0.25, 0.6, 0.35, so 0.4: two thirds of it.
 */
const REAL: readonly SubjectDice[] = [
  [0.5, 0.8, 0.4],
  [null, 0.6, 0.8],
];
const SYNTHETIC: readonly SubjectDice[] = [
  [0.25, 0.6, 0.2],
  [null, 0.6, 0.5],
];

test("gives the mean of the class means and the ratio, by hand", async () => {
  const [real, synthetic] = await diceScores(studyOf({ real: REAL, synthetic: SYNTHETIC }));
  const { perClass } = real;
  near(
    [perClass.necroticCore.estimate, perClass.edema.estimate, perClass.enhancingTumour.estimate],
    [0.5, 0.7, 0.6],
    1e-12,
  );
  near([real.mean.estimate, synthetic.mean.estimate], [0.6, 0.4], 1e-12);
  near([real.relative.estimate, synthetic.relative.estimate], [1, 2 / 3], 1e-12);
});

test("draws subjects of both networks together: the real one over itself is 1 in every draw", async () => {
  const [real, synthetic] = await diceScores(studyOf({ real: REAL, synthetic: SYNTHETIC }));
  assert.equal([real.relative.low, real.relative.high], [1, 1]);
  // Draws are of the first subject twice, (0.25 + 0.6 + 0.2) / (0.5 + 0.8 + 0.4), the second twice, or both.
  near([synthetic.relative.low, synthetic.relative.high], [1.05 / 1.7, 1.1 / 1.4], 1e-12);
});

test("names the networks by what they were trained on, the simulated cohort included", async () => {
  const summaries = await diceScores(studyOf({ real: REAL, synthetic: SYNTHETIC }));
  assert.equal(
    summaries.map(({ arm }) => [arm.source, arm.label, arm.subjects.join()]),
    [
      ["real", "real (simulated cohort)", "SIM_0,SIM_1"],
      ["diffusion", "synthetic (diffusion)", "SIM_0,SIM_1"],
    ],
  );
  assert.match(armLabel("real", {}), "simulated");
});

test("gives the same numbers each time", async () => {
  const study = studyOf({ real: REAL, synthetic: SYNTHETIC });
  // As text, since a missing value is NaN, which equals nothing.
  const scores = async () => JSON.stringify(await diceScores(study));
  assert.is(await scores(), await scores());
});

test("leaves out a class that no subject has, and says nothing where there is no Dice at all", async () => {
  const without = (dice: number) => [[null, dice, dice]] as const;
  const [real, synthetic] = await diceScores(studyOf({ real: without(0.8), synthetic: without(0.4) }));
  near([real.mean.estimate, synthetic.relative.estimate], [0.8, 0.5], 1e-12);
  assert.ok(Number.isNaN(real.perClass.necroticCore.estimate));
  const none = [[null, null, null]] as const;
  const [, empty] = await diceScores(studyOf({ real: none, synthetic: none }));
  assert.ok(Number.isNaN(empty.relative.estimate));
});

test("refuses two networks that were not tested on the same subjects", async () => {
  const shorter = diceScores(studyOf({ real: REAL, synthetic: SYNTHETIC.slice(0, 1) }));
  assert.instance(await shorter.catch((error: unknown) => error), RangeError);
});

test("stand in the table of Dice with two digits, and say that the cohort is simulated", async () => {
  const table = await studyTable(studyOf({ real: REAL, synthetic: SYNTHETIC }), "dice");
  const text = table.toLatex();
  for (const number of ["0.50", "0.70", "0.60", "0.40", "0.67"])
    assert.ok(text.includes(number), `${number} in ${text}`);
  assert.match(table.caption.toLowerCase(), "simulated");
});

test.run();
