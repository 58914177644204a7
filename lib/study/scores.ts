import type { DiceArm, DiceSummary } from "../figures/dice-summary";
import { summariseDice } from "../figures/dice-summary";
import { diceByClass, type SegmentationResult } from "./stages/segmentation";
import type { Study } from "./study";
import type { StudyContext } from "./stage";
import { sampleWords } from "./published-samples";
import { cohortWords } from "./user-cohort";

type ArmContext = Pick<StudyContext, "userCohort" | "publishedSamples">;

/** The two networks' Dice on the same held-out subjects, real first. */
export async function diceScores(study: Study): Promise<readonly [DiceSummary, DiceSummary]> {
  const { context } = study;
  const real = arm((await study.segmentation("real")).result, context);
  const synthetic = arm((await study.segmentation("synthetic")).result, context);
  const [first, second] = summariseDice([real, synthetic], real, context.rng.fork("dice"));
  if (first === undefined || second === undefined) throw new Error("a network has no scores");
  return [first, second];
}

function arm(result: SegmentationResult, context: ArmContext): DiceArm {
  return {
    source: result.source === "real" ? "real" : sampleWords(context).source,
    label: armLabel(result.source, context),
    subjects: result.subjects.map(({ subject }) => subject),
    dice: diceByClass(result),
  };
}

/** The name of a network by what it was trained on. */
export function armLabel(source: SegmentationResult["source"], context: ArmContext): string {
  return source === "real" ? cohortWords(context).real : sampleWords(context).label;
}
