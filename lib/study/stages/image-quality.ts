import { z } from "zod";
import { Rng } from "../../backend/rng";
import { imageQuality, type ImageQuality } from "../../metrics/image-quality";
import { GENERATOR_TITLE } from "../../generators/generator-config";
import { generatorName, type GeneratorCell } from "../grid/cells";
import { qualityMeasures } from "../results/study-results";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { extractorsOf, featuresBy, readRealFeatures, type RealFeaturesResult } from "./real-features";
import { openSamples, type SamplesResult } from "./samples";
import type { SegmentationResult } from "./segmentation";

const schema = z.object({ measures: z.array(qualityMeasures) });
export type ImageQualityResult = z.infer<typeof schema>;

/** Measures the images of a generator against real training slices, in the features of every network at hand. */
export function imageQualityStage(
  context: StudyContext,
  cell: GeneratorCell,
  inputs: {
    readonly real: StudyStage<RealFeaturesResult>;
    readonly encoder: StudyStage<SegmentationResult>;
    readonly samples: StudyStage<SamplesResult>;
  },
): StudyStage<ImageQualityResult> {
  const { real, encoder, samples } = inputs;
  const { images, replicates, frechetReplicates } = context.profile.quality;
  const kinds = extractorsOf(context);
  return defineStage<ImageQualityResult>({
    name: `quality-${generatorName(cell)}`,
    title: `Measuring images of the ${GENERATOR_TITLE[cell.generator]}, ${cell.subjects} subjects`,
    settings: { images, replicates, frechetReplicates },
    inputs,
    schema,
    work: { kind: "quality", images: images * kinds.length },
    run: async (_folder, report, need) => {
      const measures: ImageQualityResult["measures"] = [];
      for (const [done, kind] of kinds.entries()) {
        report({ done, total: kinds.length, unit: "networks", doneAtStart: 0 });
        const slices = openSamples(need(samples));
        const synthetic = await featuresBy(context, kind, need(encoder), slices, images);
        slices.close();
        const rng = Rng.fromSeed(context.profile.seed).fork("study", "quality", kind);
        const options = { rng, replicates, frechetReplicates };
        measures.push(plain(imageQuality(readRealFeatures(need(real), kind), synthetic, options)));
      }
      return { result: { measures } };
    },
  });
}

function plain({ classScore, warnings, ...measures }: ImageQuality): ImageQualityResult["measures"][number] {
  return { ...measures, classScore: classScore ?? null, warnings: [...warnings] };
}
