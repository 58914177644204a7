import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { SliceSet } from "../../data/slice-set";
import { copyThreshold } from "../../metrics/copy-ratio";
import type { Features } from "../../metrics/features";
import type { Extent } from "../../metrics/image-rows";
import { nearestTraining, sequenceRows, type NearestTraining } from "../../metrics/memorization";
import { SEQUENCES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { jsonNumber as number } from "../../storage/json-number";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { loaded, SliceStore, type SlicesResult } from "./slices";

/** The sequence of the companion paper's figure (arXiv 2305.07644). */
export const MEMORIZATION_SEQUENCE = "t1wGd";
/** The whole image, as the study measured it, and the brain alone, since the shared black background lifts r. */
export const EXTENTS = ["image", "brain"] as const satisfies readonly Extent[];
const FILE = "nearest.json";

const schema = z.object({
  /** Below it, the distance-ratio test calls an image a copy. */
  copyThreshold: number,
});
export type MemorizationReferenceResult = z.infer<typeof schema>;

const numbers = z.array(number).transform((values) => Float64Array.from(values));
const integers = z.array(z.number()).transform((values) => Int32Array.from(values));
/** Best matches as they stand in files. */
export const nearestSchema = z.object({
  sequence: z.enum(SEQUENCES),
  extent: z.enum(EXTENTS),
  r: numbers,
  index: integers,
  subject: z.array(z.string()),
  z: integers,
});

/** What is to be expected of strangers: held-out real slices, compared with the slices that generators learn from. */
export function memorizationReferenceStage(
  context: StudyContext,
  subjects: number,
  slices: StudyStage<SlicesResult>,
): StudyStage<MemorizationReferenceResult> {
  return defineStage<MemorizationReferenceResult>({
    name: `reference-memorization-n${subjects}`,
    title: `Comparing held-out slices with those of ${subjects} subjects`,
    settings: { sequence: MEMORIZATION_SEQUENCE, extents: EXTENTS, subjects },
    inputs: { slices },
    schema,
    files: [FILE],
    work: { kind: "reference-memorization", images: subjects },
    run: (folder, report, need) => {
      const store = new SliceStore(context, need(slices));
      const training = loaded(store.training(subjects));
      const heldOut = store.load("test");
      const found = EXTENTS.map((extent, done) => {
        report({ done, total: EXTENTS.length, unit: "comparisons", doneAtStart: 0 });
        return nearestTraining(heldOut, training, MEMORIZATION_SEQUENCE, extent);
      });
      writeJsonAtomic(join(folder, FILE), found.map(plainNearest));
      const threshold = copyThreshold(pixelFeatures(heldOut), pixelFeatures(training));
      return Promise.resolve({ result: { copyThreshold: threshold } });
    },
  });
}

/** Reads the best match of every held-out slice, one entry an extent, in their order. */
export function readReference({ folder }: { readonly folder: string }): readonly NearestTraining[] {
  return z.array(nearestSchema).parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
}

/** Best matches for a file. */
export function plainNearest(nearest: NearestTraining): unknown {
  const { r, index, z: positions } = nearest;
  return { ...nearest, r: [...r], index: [...index], z: [...positions] };
}

/** The pixels of the sequence that is compared, as features. */
export function pixelFeatures(set: SliceSet): Features {
  const rows = sequenceRows(set, MEMORIZATION_SEQUENCE);
  const values = new Float32Array(rows.count * rows.length);
  for (let n = 0; n < rows.count; n++) rows.copy(n, values, n * rows.length);
  return { count: rows.count, size: rows.length, values };
}
