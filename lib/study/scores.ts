import type { DiceArm, DiceSummary } from "../figures/dice-summary";
import { summariseDice } from "../figures/dice-summary";
import { diceByClass, type SegmentationResult } from "./stages/segmentation";
import type { Study } from "./study";
import type { CohortWords } from "./user-cohort";

/** The two networks' Dice on the same held-out subjects, real first. */
export async function diceScores(study: Study): Promise<readonly [DiceSummary, DiceSummary]> {
  const { words } = study;
  const real = arm((await study.segmentation("real")).result, words);
  const synthetic = arm((await study.segmentation("synthetic")).result, words);
  const [first, second] = summariseDice([real, synthetic], real, study.context.rng.fork("dice"));
  if (first === undefined || second === undefined) throw new Error("a network has no scores");
  return [first, second];
}

function arm(result: SegmentationResult, words: CohortWords): DiceArm {
  return {
    source: result.source === "real" ? "real" : "diffusion",
    label: armLabel(result.source, words),
    subjects: result.subjects.map(({ subject }) => subject),
    dice: diceByClass(result),
  };
}

/** The name of a network by what it was trained on. */
export function armLabel(source: SegmentationResult["source"], { real }: CohortWords): string {
  return source === "real" ? real : "synthetic (diffusion)";
}
