import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Extent } from "../../metrics/correlation";
import {
  nearestTraining,
  summarise,
  type Memorization,
  type NearestTraining,
} from "../../metrics/memorization";
import { SEQUENCES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { runStage, type StageResult, type StudyContext } from "../stage";
import type { SamplesResult } from "./samples";
import type { SlicesResult, SplitSlices } from "./slices";
import type { SliceSet } from "../../data/slice-set";

/** The sequence of the companion paper's figure (arXiv 2305.07644). */
const SEQUENCE = "t1wGd";
/** The whole image, as the study measured it, and the brain alone, since the shared black background lifts r. */
const EXTENTS = ["image", "brain"] as const satisfies readonly Extent[];
const FILE = "nearest.json";

/** JSON has no NaN: null stands for it, where no slice has a correlation. */
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const spreadSchema = z.object({ count: z.number(), median: number, p95: number, max: number });
const summarySchema = z.object({
  extent: z.enum(EXTENTS),
  synthetic: spreadSchema,
  heldOut: spreadSchema,
  constantCount: z.number(),
  threshold: number,
  shareAbove: number,
  kolmogorovSmirnov: number,
  superiority: number,
});
const schema = z.object({ sequence: z.enum(SEQUENCES), summaries: z.array(summarySchema) });
export type MemorizationResult = z.infer<typeof schema>;

const numbers = z.array(number).transform((values) => Float64Array.from(values));
const integers = z.array(z.number()).transform((values) => Int32Array.from(values));
const nearestSchema = z.object({
  sequence: z.enum(SEQUENCES),
  extent: z.enum(EXTENTS),
  r: numbers,
  index: integers,
  subject: z.array(z.string()),
  z: integers,
});
const fileSchema = z.array(z.object({ synthetic: nearestSchema, heldOut: nearestSchema }));

/** Compares synthetic slices with every training slice, and held-out real slices as the reference. */
export async function memorizationStage(
  context: StudyContext,
  inputs: { readonly slices: StageResult<SlicesResult>; readonly samples: StageResult<SamplesResult> },
  real: SplitSlices,
  synthetic: SliceSet,
): Promise<StageResult<MemorizationResult>> {
  return runStage<MemorizationResult>(context, {
    name: "memorization",
    title: "Searching for memorized slices",
    settings: { sequence: SEQUENCE, extents: EXTENTS },
    inputs,
    schema,
    files: [FILE],
    run: (folder, report) => {
      const results = EXTENTS.map((extent, i): Memorization => {
        const nearest = (set: SliceSet) => nearestTraining(set, real.train, SEQUENCE, extent);
        const pair = { synthetic: nearest(synthetic), heldOut: nearest(real.test) };
        report({ done: i + 1, total: EXTENTS.length, unit: "comparisons", doneAtStart: 0 });
        return { ...pair, summary: summarise(pair.synthetic.r, pair.heldOut.r) };
      });
      writeJsonAtomic(
        join(folder, FILE),
        results.map((result) => ({ synthetic: plain(result.synthetic), heldOut: plain(result.heldOut) })),
      );
      const summaries = results.map(({ summary, synthetic: { extent } }) => ({ extent, ...summary }));
      return Promise.resolve({ result: { sequence: SEQUENCE, summaries } });
    },
  });
}

/** Reads the best match of every slice, one entry an extent. */
export function readMemorization({ folder }: { readonly folder: string }): readonly Memorization[] {
  const pairs = fileSchema.parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
  return pairs.map((pair) => ({ ...pair, summary: summarise(pair.synthetic.r, pair.heldOut.r) }));
}

function plain(nearest: NearestTraining): unknown {
  const { r, index, z: positions } = nearest;
  return { ...nearest, r: [...r], index: [...index], z: [...positions] };
}
