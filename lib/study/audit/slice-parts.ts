import { z } from "zod";
import { selectSubjects, type SliceSet } from "../../data/slice-set";
import type { Split } from "../../data/split";
import { InputError } from "../../errors";
import type { Sequence } from "../../shape";
import { sha256 } from "../../storage/content-hash";
import { runStage } from "../stage";
import type { AuditContext } from "./audit-context";
import type { NetworkOptions } from "./audit-network";
import type { AuditResult } from "./audit-result";
import { difficultyStage } from "./difficulty";
import { compareHeads, headPairs, headPairsSchema, headsSchema } from "./heads";
import { transferStage } from "./transfer";

/** What progress calls the comparison of heads. */
export const COMPARING_TITLE = "Comparing heads";

/** Sequences in which heads are compared: the study's, and the one without contrast agent. */
const HEAD_SEQUENCES = ["t1wGd", "t1w"] as const satisfies readonly Sequence[];

/** Which of the parts are wanted, and how the networks are trained. */
export interface SlicePartOptions extends NetworkOptions {
  readonly heads: boolean;
  readonly transfer: boolean;
}

type SliceFindings = Pick<AuditResult, "heads" | "pairs" | "difficulty" | "transfer">;

/** What the parts of an audit that look at slices work on. */
export interface SliceParts {
  readonly split: Split;
  readonly prefixes: readonly number[];
  readonly target: SliceSet | undefined;
  readonly sequences: readonly Sequence[];
}

/** The parts of the audit that look at slices. */
export async function slicePartsOf(
  context: AuditContext,
  options: SlicePartOptions,
  slices: SliceSet,
  { split, prefixes, target, sequences }: SliceParts,
): Promise<Partial<SliceFindings>> {
  const test = selectSubjects(slices, split.test);
  const found: Partial<SliceFindings> = {};
  if (options.heads)
    Object.assign(
      found,
      await headsOf(context, test, selectSubjects(slices, split.train), target, sequences),
    );
  const difficulty = [];
  for (const count of prefixes) {
    const ids = split.train.slice(0, count);
    difficulty.push((await difficultyStage(context, options, slices, ids, split.test)).result);
  }
  if (!options.transfer) return { ...found, difficulty };
  if (target === undefined)
    throw new InputError("--transfer", "needs --against, a cohort to apply the network to");
  const { result } = await transferStage(context, options, slices, split.train, target, sequences);
  return { ...found, difficulty, transfer: result };
}

/** Compares heads within the cohort, and in pairs within both cohorts. */
async function headsOf(
  context: AuditContext,
  test: SliceSet,
  train: SliceSet,
  target: SliceSet | undefined,
  sequences: readonly Sequence[],
): Promise<Pick<AuditResult, "heads" | "pairs">> {
  const paired: readonly Sequence[] = target === undefined ? HEAD_SEQUENCES : sequences;
  const sets = [test, train, ...(target === undefined ? [] : [target])];
  const schema = z.object({
    heads: headsSchema,
    pairs: z.array(z.object({ cohort: z.enum(["own", "against"]), ...headPairsSchema.shape })),
  });
  const { result } = await runStage(context, {
    name: "heads",
    title: COMPARING_TITLE,
    settings: { sequences: HEAD_SEQUENCES, paired, data: sets.map((set) => sha256(set.images)) },
    inputs: {},
    schema,
    run: (_folder, report) => {
      const heads = compareHeads(test, train, HEAD_SEQUENCES, (done, total) => {
        report({ done, total, unit: "comparisons", doneAtStart: 0 });
      });
      const pairs = paired.flatMap((sequence) => [
        { cohort: "own" as const, ...headPairs(test, sequence) },
        ...(target === undefined ? [] : [{ cohort: "against" as const, ...headPairs(target, sequence) }]),
      ]);
      return Promise.resolve({ result: { heads, pairs } });
    },
  });
  return result;
}
