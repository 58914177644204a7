import type { z } from "zod";
import { GENERATOR_TITLE } from "../../generators/generator-config";
import { copyShare } from "../../metrics/copy-ratio";
import { bestMoved, movedCopies } from "../../metrics/moved-copies";
import { generatorName, type GeneratorCell } from "../grid/cells";
import { copiesMeasures } from "../results/study-results";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { MOVED, readTrainingFeatures, type CopiesReferenceResult } from "./copies-reference";
import { featuresBy } from "./real-features";
import { openSamples, type SamplesResult } from "./samples";
import type { SegmentationResult } from "./segmentation";
import { loaded, SliceStore, type SlicesResult } from "./slices";

export type CopiesResult = z.infer<typeof copiesMeasures>;

/**
 * Looks for copies of training slices that plain correlation misses: moved or mirrored ones, and ones that are alike
 * to a network's encoder.
 */
export function copiesStage(
  context: StudyContext,
  cell: GeneratorCell,
  inputs: {
    readonly slices: StudyStage<SlicesResult>;
    readonly samples: StudyStage<SamplesResult>;
    readonly encoder: StudyStage<SegmentationResult>;
    readonly reference: StudyStage<CopiesReferenceResult>;
  },
): StudyStage<CopiesResult> {
  const { slices, samples, encoder, reference } = inputs;
  const { quality, sampling } = context.profile;
  return defineStage<CopiesResult>({
    name: `copies-${generatorName(cell)}`,
    title: `Searching for moved copies by the ${GENERATOR_TITLE[cell.generator]}, ${cell.subjects} subjects`,
    settings: { moved: MOVED, subjects: cell.subjects, images: quality.images },
    inputs,
    schema: copiesMeasures,
    work: { kind: "copies", images: Math.min(sampling.images, MOVED.images) },
    run: async (_folder, report, need) => {
      const progress = (done: number): void => {
        report({ done, total: 2, unit: "comparisons", doneAtStart: 0 });
      };
      progress(0);
      const store = new SliceStore(context, need(slices));
      const known = need(reference);
      const training = loaded(store.training(cell.subjects));
      const found = bestMoved(loaded(openSamples(need(samples))), training, MOVED);
      progress(1);
      const drawn = openSamples(need(samples));
      const synthetic = await featuresBy(context, "segmentation", need(encoder), drawn, quality.images);
      drawn.close();
      return {
        result: {
          sequence: MOVED.sequence,
          moved: { ...movedCopies(found, known.result.moved), reachPixels: MOVED.reachPixels },
          features: {
            extractor: synthetic.extractor,
            images: synthetic.count,
            copyShare: copyShare(synthetic, readTrainingFeatures(known), known.result.copyThreshold),
          },
        },
      };
    },
  });
}
