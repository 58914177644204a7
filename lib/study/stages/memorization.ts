import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../backend/rng";
import type { SliceSet } from "../../data/slice-set";
import { GENERATOR_TITLE } from "../../generators/generator-config";
import { copyShare } from "../../metrics/copy-ratio";
import { membershipInference } from "../../metrics/membership-inference";
import { nearestTraining, summarise, type Memorization } from "../../metrics/memorization";
import { SEQUENCES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { jsonNumber as number } from "../../storage/json-number";
import { generatorName, type GeneratorCell } from "../grid/cells";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import {
  EXTENTS,
  MEMORIZATION_SEQUENCE as SEQUENCE,
  nearestSchema,
  pixelFeatures,
  plainNearest,
  readReference,
  type MemorizationReferenceResult,
} from "./memorization-reference";
import { openSamples, type SamplesResult } from "./samples";
import { loaded, SliceStore, type SlicesResult } from "./slices";

const FILE = "nearest.json";
/** Bootstrap draws of the attack's interval. */
const REPLICATES = 200;

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
  /** Area under the curve of the membership attack. */
  membership: z.object({ estimate: number, low: number, high: number }),
});
const schema = z.object({
  sequence: z.enum(SEQUENCES),
  summaries: z.array(summarySchema),
  /** Share of images that the distance-ratio test calls copies, at 1 % of the held-out slices. */
  copyShare: z.number(),
});
export type MemorizationResult = z.infer<typeof schema>;

const fileSchema = z.array(
  z.object({
    synthetic: nearestSchema,
    heldOut: nearestSchema,
    /** The subject of each held-out slice, as an index. */
    heldOutSubject: z.array(z.number()),
  }),
);

/**
 * Compares a generator's images with every slice that it was trained on, and held-out real slices with the same
 * as the reference.
 */
export function memorizationStage(
  context: StudyContext,
  cell: GeneratorCell,
  inputs: {
    readonly slices: StudyStage<SlicesResult>;
    readonly samples: StudyStage<SamplesResult>;
    readonly reference: StudyStage<MemorizationReferenceResult>;
  },
): StudyStage<MemorizationResult> {
  const { slices, samples, reference } = inputs;
  const { images } = context.profile.sampling;
  const { subjects } = cell;
  return defineStage<MemorizationResult>({
    name: `memorization-${generatorName(cell)}`,
    title: `Searching for slices that the ${GENERATOR_TITLE[cell.generator]} has memorized, ${subjects} subjects`,
    settings: { sequence: SEQUENCE, extents: EXTENTS, subjects, replicates: REPLICATES },
    inputs,
    schema,
    files: [FILE],
    work: { kind: "memorization", images },
    run: (folder, report, need) => {
      const store = new SliceStore(context, need(slices));
      const training = loaded(store.training(subjects));
      const heldOut = store.load("test");
      const synthetic = loaded(openSamples(need(samples)));
      const strangers = readReference(need(reference));
      const results = strangers.map((known, i) => {
        const { extent } = known;
        const pair = { synthetic: nearestTraining(synthetic, training, SEQUENCE, extent), heldOut: known };
        // The attack asks the other way round: how near is a real slice to the images?
        const near = (set: SliceSet) => nearestTraining(set, synthetic, SEQUENCE, extent).r;
        const rng = Rng.fromSeed(context.profile.seed).fork("study", "membership", extent);
        const { auc } = membershipInference(near(training), near(heldOut), { rng, replicates: REPLICATES });
        report({ done: i + 1, total: EXTENTS.length, unit: "comparisons", doneAtStart: 0 });
        return {
          ...pair,
          summary: { extent, ...summarise(pair.synthetic.r, pair.heldOut.r), membership: auc },
        };
      });
      writeJsonAtomic(
        join(folder, FILE),
        results.map((result) => ({
          synthetic: plainNearest(result.synthetic),
          heldOut: plainNearest(result.heldOut),
          heldOutSubject: [...heldOut.subjectOf],
        })),
      );
      const { copyThreshold } = need(reference).result;
      const copies = copyShare(pixelFeatures(synthetic), pixelFeatures(training), copyThreshold);
      const summaries = results.map(({ summary }) => summary);
      return Promise.resolve({ result: { sequence: SEQUENCE, summaries, copyShare: copies } });
    },
  });
}

/** Reads the best match of every slice, one entry an extent. */
export function readMemorization({
  folder,
}: {
  readonly folder: string;
}): readonly (Memorization & { readonly heldOutSubject: readonly number[] })[] {
  const pairs = fileSchema.parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
  return pairs.map((pair) => ({ ...pair, summary: summarise(pair.synthetic.r, pair.heldOut.r) }));
}
