import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../backend/rng";
import type { SliceSet } from "../../data/slice-set";
import { GENERATOR_TITLE } from "../../generators/generator-config";
import { copyShare } from "../../metrics/copy-ratio";
import type { Extent } from "../../metrics/image-rows";
import type { Features } from "../../metrics/features";
import { membershipInference } from "../../metrics/membership-inference";
import {
  nearestTraining,
  sequenceRows,
  summarise,
  type Memorization,
  type NearestTraining,
} from "../../metrics/memorization";
import { SEQUENCES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { jsonNumber as number } from "../../storage/json-number";
import { generatorName, type GeneratorCell } from "../grid/cells";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { openSamples, type SamplesResult } from "./samples";
import { loaded, SliceStore, type SlicesResult } from "./slices";

/** The sequence of the companion paper's figure (arXiv 2305.07644). */
const SEQUENCE = "t1wGd";
/** The whole image, as the study measured it, and the brain alone, since the shared black background lifts r. */
const EXTENTS = ["image", "brain"] as const satisfies readonly Extent[];
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
  slices: StudyStage<SlicesResult>,
  samples: StudyStage<SamplesResult>,
): StudyStage<MemorizationResult> {
  const { images } = context.profile.sampling;
  const { subjects } = cell;
  return defineStage<MemorizationResult>({
    name: `memorization-${generatorName(cell)}`,
    title: `Searching for slices that the ${GENERATOR_TITLE[cell.generator]} has memorized, ${subjects} subjects`,
    settings: { sequence: SEQUENCE, extents: EXTENTS, subjects, replicates: REPLICATES },
    inputs: { slices, samples },
    schema,
    files: [FILE],
    work: { kind: "memorization", images },
    run: (folder, report, need) => {
      const store = new SliceStore(context, need(slices));
      const training = loaded(store.training(subjects));
      const heldOut = store.load("test");
      const synthetic = loaded(openSamples(need(samples)));
      const results = EXTENTS.map((extent, i) => {
        const nearest = (set: SliceSet) => nearestTraining(set, training, SEQUENCE, extent);
        const pair = { synthetic: nearest(synthetic), heldOut: nearest(heldOut) };
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
          synthetic: plain(result.synthetic),
          heldOut: plain(result.heldOut),
          heldOutSubject: [...heldOut.subjectOf],
        })),
      );
      const copies = copyShare(pixelFeatures(synthetic), pixelFeatures(heldOut), pixelFeatures(training));
      const summaries = results.map(({ summary }) => summary);
      return Promise.resolve({ result: { sequence: SEQUENCE, summaries, copyShare: copies } });
    },
  });
}

/** The sequence's pixels as features. */
function pixelFeatures(set: SliceSet): Features {
  const rows = sequenceRows(set, SEQUENCE);
  const values = new Float32Array(rows.count * rows.length);
  for (let n = 0; n < rows.count; n++) rows.copy(n, values, n * rows.length);
  return { count: rows.count, size: rows.length, values };
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

function plain(nearest: NearestTraining): unknown {
  const { r, index, z: positions } = nearest;
  return { ...nearest, r: [...r], index: [...index], z: [...positions] };
}
