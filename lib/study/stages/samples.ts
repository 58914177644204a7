import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { tumourPixels } from "../../data/batches";
import { openPrepared } from "../../data/prepared-folder";
import { ShardedSlices } from "../../data/sharded-slices";
import { writeSliceSet } from "../../data/slice-set";
import { drawSlices } from "../../generators/draw-slices";
import { GENERATOR_TITLE, type GeneratorConfig } from "../../generators/generator-config";
import { openGenerator } from "../../generators/open-generator";
import { generatorName, type GeneratorCell } from "../grid/cells";
import { loadPublishedSamples, type PublishedSamples } from "../published-samples";
import type { StageResult, StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { generatorWeights, type GeneratorResult } from "./generator";

const PUBLISHED = "samples.safetensors";

const schema = z.object({
  images: z.number(),
  size: z.number(),
  /** What large products were computed in; null where the images were published by others. */
  precision: z.enum(["float32", "bfloat16"]).nullable(),
  /** Images drawn a second; null where they were published by others. */
  imagesPerSec: z.number().nullable(),
  /** Images whose mask has no tumour pixel. */
  withoutTumour: z.number(),
  sha256: z.string(),
  /** Where they come from, where not from a generator of this run. */
  published: z.string().nullable(),
});
export type SamplesResult = z.infer<typeof schema>;

/** Draws the images of a generator. */
export function samplesStage(
  context: StudyContext,
  cell: GeneratorCell,
  generator: StudyStage<GeneratorResult>,
): StudyStage<SamplesResult> {
  const { profile, signal } = context;
  const { size, sampling } = profile;
  const config = profile.generators[cell.generator];
  const { images } = sampling;
  return defineStage<SamplesResult>({
    name: `samples-${generatorName(cell)}`,
    title: `Drawing images of the ${GENERATOR_TITLE[cell.generator]}, ${cell.subjects} subjects`,
    settings: { images, size, sampling: config.sampling, seed: cell.seed },
    inputs: { generator },
    schema,
    files: [`slices-${size}.json`],
    work: { kind: `samples-${cell.generator}`, images },
    run: async (folder, report, need) => {
      const opened = openGenerator(generatorWeights(need(generator)), drawingOptions(config, cell));
      try {
        const drawn = await drawSlices({
          source: opened,
          images,
          folder,
          ...(signal === undefined ? {} : { signal }),
          onProgress: (done, total, doneAtStart) => {
            report({ done, total, unit: "images", doneAtStart });
          },
        });
        const { slices, imagesPerSec } = drawn;
        const facts = factsOf(slices);
        slices.close();
        return { result: { ...facts, precision: opened.precision, imagesPerSec, published: null } };
      } finally {
        opened.dispose();
      }
    },
  });
}

/** Takes published images as those of a generator, reduced to the profile's size as real slices are. */
export function publishedSamplesStage(
  context: StudyContext,
  cell: GeneratorCell,
  published: PublishedSamples,
): StudyStage<SamplesResult> {
  const { size } = context.profile;
  return defineStage<SamplesResult>({
    name: `samples-${cell.generator}-published`,
    title: `Reading published images of the ${GENERATOR_TITLE[cell.generator]}`,
    settings: { published: published.hash, size },
    inputs: {},
    schema,
    files: [PUBLISHED],
    work: { kind: "published-samples", images: 0 },
    run: (folder) => {
      writeSliceSet(join(folder, PUBLISHED), loadPublishedSamples(published, size));
      const slices = ShardedSlices.open([join(folder, PUBLISHED)]);
      const facts = factsOf(slices);
      slices.close();
      return Promise.resolve({
        result: { ...facts, precision: null, imagesPerSec: null, published: published.source },
      });
    },
  });
}

/** Opens what the stage has written, on the disk. */
export function openSamples({ folder, result }: StageResult<SamplesResult>): ShardedSlices {
  return result.published === null
    ? openPrepared(folder, result.size)
    : ShardedSlices.open([join(folder, PUBLISHED)]);
}

/** What is told of all images, read one at a time. */
function factsOf(slices: ShardedSlices): Pick<SamplesResult, "images" | "size" | "withoutTumour" | "sha256"> {
  const { size, count } = slices;
  const hash = createHash("sha256");
  let withoutTumour = 0;
  for (let n = 0; n < count; n++) {
    const images = slices.pixels(n);
    hash.update(images);
    if (tumourPixels({ size, images }, 0) === 0) withoutTumour++;
  }
  return { images: count, size, withoutTumour, sha256: hash.digest("hex") };
}

function drawingOptions(
  config: GeneratorConfig,
  { seed }: GeneratorCell,
): Parameters<typeof openGenerator>[1] {
  const { batchSize, masks, blackBelow } = config.sampling;
  const common = { seed, batchSize, masks, blackBelow };
  if (config.kind === "diffusion") return { ...common, method: config.sampling.method };
  // A progressive GAN has no styles to truncate.
  return config.kind === "progressive-gan"
    ? common
    : { ...common, truncation: config.sampling.truncation, noise: config.sampling.noise };
}
