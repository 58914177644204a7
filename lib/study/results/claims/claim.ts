import type { Interval } from "../../../metrics/bootstrap";
import type { Origin, StudyResults } from "../study-results";

/** What follows from the records for a statement, from best to worst; the last where they cannot tell. */
export const VERDICTS = ["reproduced", "in part", "not reproduced", "not tested at this scale"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Something that was measured for a claim. */
export interface Effect {
  readonly what: string;
  readonly value: Interval;
  /** Digits after the point. */
  readonly digits: number;
  /** How many units the interval is over, and which: "14 simulated test subjects". */
  readonly over: string;
  /** Trainings behind it, seeds of the side with fewer. */
  readonly seeds: number;
  /** Records that it was made of. */
  readonly origins: readonly Origin[];
}

/** A statement of the study, checked against the records of a run. */
export interface Claim {
  readonly id: string;
  /** The statement as a sentence. */
  readonly statement: string;
  /** What the study says of it, as far as the sources at hand hold it. */
  readonly study: string;
  /** Whether the study states it; else it is a question that the rows of its tables ask. */
  readonly stated: boolean;
  /** When which verdict is given, in words. */
  readonly rule: string;
  readonly effects: readonly Effect[];
  readonly verdict: Verdict;
  /** Why this verdict, in a sentence. */
  readonly why: string;
  /** What it would take to test or to settle it; null where nothing is missing. */
  readonly needed: string | null;
}

/** A verdict with its reason. */
export type Judgement = Pick<Claim, "verdict" | "why" | "needed">;

/** Fewer test subjects than this cannot give a two-sided p-value below 0.05. */
export const FEWEST_SUBJECTS = 6;
export const LEVEL = 0.05;

/** A verdict as it stands beside a claim: what the study does not state cannot be reproduced. */
export function verdictText({ verdict, stated }: Pick<Claim, "verdict" | "stated">): string {
  if (stated || verdict === "not tested at this scale") return verdict;
  return { reproduced: "holds here", "in part": "holds in part", "not reproduced": "does not hold here" }[
    verdict
  ];
}

/**
 * What the intervals behind a verdict do not hold: the spread between trainings. Null where nothing was judged.
 */
export function caveatOf({ verdict, effects }: Pick<Claim, "verdict" | "effects">): string | null {
  if (verdict === "not tested at this scale" || effects.length === 0) return null;
  const trainings = Math.min(...effects.map(({ seeds }) => seeds));
  return trainings === 1
    ? "One training of each network: the intervals do not hold the spread between trainings, and another seed may change the verdict."
    : `${trainings} trainings of each network, averaged first: the intervals do not hold the spread between trainings.`;
}

/** Why a verdict was given, and what it does not tell. */
export function whyText(claim: Claim): string {
  return [claim.why, caveatOf(claim) ?? ""].join(" ").trimEnd();
}

/** The judgement of a profile whose numbers mean nothing, or of too few test subjects; undefined where neither. */
export function untestable({ profile }: StudyResults, testSubjects: number): Judgement | undefined {
  if (!profile.meaningful)
    return untested(
      `The profile ${profile.name} only shows that every part works.`,
      "a profile whose budgets mean something",
    );
  if (testSubjects < FEWEST_SUBJECTS)
    return untested(
      `${testSubjects} test subjects cannot tell chance from effect.`,
      `at least ${FEWEST_SUBJECTS} test subjects`,
    );
  return undefined;
}

/** A judgement that the records do not allow another. */
export function untested(why: string, needed: string): Judgement {
  return { verdict: "not tested at this scale", why, needed };
}
