import type { z } from "zod";
import type { ShardedSlices } from "../../data/sharded-slices";
import { GENERATOR_TITLE } from "../../generators/generator-config";
import { copyShare } from "../../metrics/copy-ratio";
import { movedCopies } from "../../metrics/moved-copies";
import { generatorName, type GeneratorCell } from "../grid/cells";
import { copiesMeasures } from "../results/study-results";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { featuresBy } from "./real-features";
import { openSamples, type SamplesResult } from "./samples";
import type { SegmentationResult } from "./segmentation";
import { loaded, SliceStore, type SlicesResult } from "./slices";

/** As the memorization stage compares. */
const SEQUENCE = "t1wGd";
/** Images of each set that are moved and mirrored: 18 comparisons with every training slice each. */
const MOVED_IMAGES = 256;
const REACH_PIXELS = 1;

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
  },
): StudyStage<CopiesResult> {
  const { slices, samples, encoder } = inputs;
  const { quality, sampling } = context.profile;
  return defineStage<CopiesResult>({
    name: `copies-${generatorName(cell)}`,
    title: `Searching for moved copies by the ${GENERATOR_TITLE[cell.generator]}, ${cell.subjects} subjects`,
    settings: {
      ...{ sequence: SEQUENCE, movedImages: MOVED_IMAGES, reachPixels: REACH_PIXELS },
      ...{ subjects: cell.subjects, images: quality.images },
    },
    inputs,
    schema: copiesMeasures,
    work: { kind: "copies", images: Math.min(sampling.images, MOVED_IMAGES) },
    run: async (_folder, report, need) => {
      const progress = (done: number): void => {
        report({ done, total: 2, unit: "comparisons", doneAtStart: 0 });
      };
      progress(0);
      const store = new SliceStore(context, need(slices));
      const moved = movedCopies({
        synthetic: loaded(openSamples(need(samples))),
        heldOut: store.load("test"),
        training: loaded(store.training(cell.subjects)),
        sequence: SEQUENCE,
        images: MOVED_IMAGES,
        reachPixels: REACH_PIXELS,
      });
      progress(1);
      const features = async (set: ShardedSlices, most: number) => {
        const found = await featuresBy(context, "segmentation", need(encoder), set, most);
        set.close();
        return found;
      };
      const synthetic = await features(openSamples(need(samples)), quality.images);
      const heldOut = await features(store.part("test"), quality.images);
      const training = await features(store.training(cell.subjects), Number.POSITIVE_INFINITY);
      return {
        result: {
          sequence: SEQUENCE,
          moved: { ...moved, reachPixels: REACH_PIXELS },
          features: {
            extractor: synthetic.extractor,
            images: synthetic.count,
            copyShare: copyShare(synthetic, heldOut, training),
          },
        },
      };
    },
  });
}
