import { join } from "node:path";
import { z } from "zod";
import { tumourPixels } from "../../data/batches";
import { readSliceSet, writeSliceSet, type SliceSet } from "../../data/slice-set";
import { drawSlices } from "../../sampling/draw-slices";
import { sha256 } from "../../storage/content-hash";
import { runStage, type StageResult, type StudyContext } from "../stage";
import { cohortWords } from "../user-cohort";
import { loadPublishedSamples, type PublishedSamples } from "../published-samples";
import { readDiffusion, type DiffusionResult } from "./diffusion";

const FILE = "samples.safetensors";

const schema = z.object({
  images: z.number(),
  /** Images drawn a second; null where they were published by others. */
  imagesPerSec: z.number().nullable(),
  /** Images whose mask has no tumour pixel. */
  withoutTumour: z.number(),
  sha256: z.string(),
});
export type SamplesResult = z.infer<typeof schema>;

/** Draws the synthetic slices. */
export async function samplesStage(
  context: StudyContext,
  diffusion: StageResult<DiffusionResult>,
): Promise<StageResult<SamplesResult>> {
  const { profile, rng, signal } = context;
  const { sampling, diffusion: config, size, seed } = profile;
  const words = cohortWords(context);
  return runStage<SamplesResult>(context, {
    name: "samples",
    title: "Drawing synthetic slices",
    settings: { sampling, size, seed },
    inputs: { diffusion },
    schema,
    files: [FILE],
    run: async (folder, report) => {
      const { network, params } = readDiffusion(context, diffusion);
      try {
        const drawn = await drawSlices({
          denoiser: network,
          config,
          size,
          ...sampling,
          folder,
          source: `diffusion model trained on ${words.cohort}`,
          simulated: words.simulated,
          rng: rng.fork("samples"),
          ...(signal === undefined ? {} : { signal }),
          onProgress: (done, total, doneAtStart) => {
            report({ done, total, unit: "images", doneAtStart });
          },
        });
        writeSliceSet(join(folder, FILE), drawn.set);
        drawn.removeBatches();
        const { set, withoutTumour, imagesPerSec } = drawn;
        return { result: { images: set.count, imagesPerSec, withoutTumour, sha256: sha256(set.images) } };
      } finally {
        params.dispose();
      }
    },
  });
}

/** Takes published images as the synthetic slices, reduced to the profile's size as real slices are. */
export function publishedSamplesStage(
  context: StudyContext,
  published: PublishedSamples,
): Promise<StageResult<SamplesResult>> {
  const { size } = context.profile;
  return runStage<SamplesResult>(context, {
    name: "samples",
    title: "Reading published images",
    settings: { published: published.hash, size },
    inputs: {},
    schema,
    files: [FILE],
    run: (folder) => {
      const set = loadPublishedSamples(published, size);
      writeSliceSet(join(folder, FILE), set);
      let withoutTumour = 0;
      for (let n = 0; n < set.count; n++) if (tumourPixels(set, n) === 0) withoutTumour++;
      const { count: images } = set;
      return Promise.resolve({
        result: { images, imagesPerSec: null, withoutTumour, sha256: sha256(set.images) },
      });
    },
  });
}

/** Reads what the stage has written. */
export function readSamples({ folder }: { readonly folder: string }): SliceSet {
  return readSliceSet(join(folder, FILE));
}
