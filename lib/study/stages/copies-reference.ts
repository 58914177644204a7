import { join } from "node:path";
import { z } from "zod";
import { copyThreshold } from "../../metrics/copy-ratio";
import type { Features } from "../../metrics/features";
import { bestMoved, type MovedOptions } from "../../metrics/moved-copies";
import { jsonNumber as number } from "../../storage/json-number";
import { fromFloat32, readSafetensors, toFloat32, writeSafetensors } from "../../storage/safetensors";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { MEMORIZATION_SEQUENCE } from "./memorization-reference";
import { featuresBy } from "./real-features";
import type { SegmentationResult } from "./segmentation";
import { loaded, SliceStore, type SlicesResult } from "./slices";

/** How images are moved before they are compared: 18 comparisons of each with every training slice. */
export const MOVED: MovedOptions = { sequence: MEMORIZATION_SEQUENCE, images: 256, reachPixels: 1 };
const FILE = "training-features.safetensors";

const schema = z.object({
  /** Best correlation of each held-out slice over all poses; null where there is none. */
  moved: z.array(number),
  /** In features: below it, the distance-ratio test calls an image a copy. */
  copyThreshold: number,
});
export type CopiesReferenceResult = z.infer<typeof schema>;

/** What copies are told by: held-out real slices in every pose, and training slices as a network's encoder sees them. */
export function copiesReferenceStage(
  context: StudyContext,
  subjects: number,
  inputs: {
    readonly slices: StudyStage<SlicesResult>;
    readonly encoder: StudyStage<SegmentationResult>;
  },
): StudyStage<CopiesReferenceResult> {
  const { slices, encoder } = inputs;
  const { images } = context.profile.quality;
  return defineStage<CopiesReferenceResult>({
    name: `reference-copies-n${subjects}`,
    title: `Moving held-out slices over those of ${subjects} subjects`,
    settings: { moved: MOVED, subjects, images },
    inputs,
    schema,
    files: [FILE],
    work: { kind: "reference-copies", images: subjects },
    run: async (folder, report, need) => {
      report({ done: 0, total: 2, unit: "comparisons", doneAtStart: 0 });
      const store = new SliceStore(context, need(slices));
      const { r } = bestMoved(store.load("test"), loaded(store.training(subjects)), MOVED);
      report({ done: 1, total: 2, unit: "comparisons", doneAtStart: 0 });
      const features = async (set: ReturnType<SliceStore["part"]>, most: number): Promise<Features> => {
        const found = await featuresBy(context, "segmentation", need(encoder), set, most);
        set.close();
        return found;
      };
      const training = await features(store.training(subjects), Number.POSITIVE_INFINITY);
      const heldOut = await features(store.part("test"), images);
      const { values, count, size } = training;
      const tensors = new Map([["training", fromFloat32(values, [count, size])]]);
      writeSafetensors(join(folder, FILE), { tensors, metadata: {} });
      return { result: { moved: [...r], copyThreshold: copyThreshold(heldOut, training) } };
    },
  });
}

/** Features of the training slices, as the encoder sees them. */
export function readTrainingFeatures({ folder }: { readonly folder: string }): Features {
  const stored = readSafetensors(join(folder, FILE)).tensors.get("training");
  if (stored === undefined) throw new Error(`${FILE} holds no features`);
  const [count = 0, size = 0] = stored.shape;
  return { count, size, values: toFloat32(stored) };
}
