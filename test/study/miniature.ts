import type { StudyGrid } from "../../lib/study/grid/cells";
import type { Profile } from "../../lib/study/profile";
import { profileOf } from "../../lib/study/profiles";
import { atSize, withImages } from "../../lib/study/scaled-generators";

const SMOKE = profileOf("smoke");
const { unet } = SMOKE.segmenters;

/** The U-Net on real slices, on the diffusion model's, and on both. */
const GRID: StudyGrid = {
  generators: [],
  segmentation: [
    {
      segmenters: ["unet"],
      generators: [null, "diffusion"],
      real: [true, false],
      augmentation: [false],
      subjects: ["all"],
      seeds: [1],
    },
  ],
  generatorSeed: 1,
};

/** The smallest study: five analytic heads at 16 pixels, trainings of a few steps, one generator. */
export const MINIATURE: Profile = {
  ...SMOKE,
  cohort: { recipe: { ...SMOKE.cohort.recipe, subjects: 5 } },
  split: { validation: 1, test: 2 },
  size: 16,
  generators: {
    ...SMOKE.generators,
    diffusion: {
      ...SMOKE.generators.diffusion,
      ...(withImages(atSize(SMOKE.generators.diffusion, 16), 64) as typeof SMOKE.generators.diffusion),
      sampling: { method: { kind: "ddim", steps: 2 }, batchSize: 8, masks: "neighbours", blackBelow: 8 },
    },
  },
  sampling: { images: 24 },
  segmenters: {
    ...SMOKE.segmenters,
    unet: {
      network: { ...unet.network, depth: 3 },
      config: {
        ...unet.config,
        images: 64,
        epochImages: 16,
        batchSize: 16,
        warmUpEpochs: 1,
        validateEveryImages: 32,
      },
    },
  },
  quality: { ...SMOKE.quality, images: 12, replicates: 5, frechetReplicates: 2 },
  grid: GRID,
};
