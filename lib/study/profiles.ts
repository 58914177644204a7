import { STUDY_AUGMENTATION } from "../data/augmentation/augmentation-config";
import { DEFAULT_VERSION } from "../data/simulation/simulation-version";
import { InputError } from "../errors";
import { GENERATOR_NAMES, type GeneratorConfig, type GeneratorName } from "../generators/generator-config";
import { smallConfig } from "../generators/small-configs";
import { studyConfig } from "../generators/study-configs";
import { STUDY_SWIN, type UPerNetSwinConfig } from "../models/swin/upernet-swin";
import { STUDY_UNET, type UNetConfig } from "../models/unet/unet";
import {
  STUDY_SEGMENTATION,
  STUDY_SWIN_SEGMENTATION,
  type SegmentationBudget,
} from "../training/segmentation/segmentation";
import { ROW_GENERATORS, SEGMENTERS, STUDY_GRID, type SegmentationGrid } from "./grid/cells";
import { SEC_PER_IMAGE_32, SEC_PER_IMAGE_64, SEC_PER_SUBJECT } from "./plan/measured-rates";
import { PROFILE_NAMES, type Profile, type ProfileName } from "./profile";
import { atSize, withImages } from "./scaled-generators";

/** A U-Net that learns in a minute: the study's with fewer levels and channels, and no margin to lose. */
const SMALL_UNET = {
  ...STUDY_UNET,
  depth: 4,
  firstChannels: 16,
  padding: "same",
} as const satisfies UNetConfig;

/** The study's Swin transformer with a quarter of the channels, two blocks a stage, patches of two pixels. */
const SMALL_SWIN = {
  ...STUDY_SWIN,
  backbone: {
    ...STUDY_SWIN.backbone,
    patchSize: 2,
    embedding: 32,
    depths: [2, 2, 2, 2],
    heads: [1, 2, 4, 8],
    windowSize: 4,
    dropPath: 0.1,
  },
  headChannels: 64,
  auxiliaryChannels: 32,
} as const satisfies UPerNetSwinConfig;

/** The 22 rows of both networks. */
const ALL_ROWS = {
  segmenters: SEGMENTERS,
  generators: ROW_GENERATORS,
  real: [true, false],
  augmentation: [true, false],
  subjects: ["all"],
} as const satisfies Omit<SegmentationGrid, "seeds">;

/** Rows without augmentation, one training each. */
const PLAIN_ROWS = {
  ...ALL_ROWS,
  segmenters: ["unet"],
  augmentation: [false],
  seeds: [1],
} as const satisfies SegmentationGrid;

/** The rows that fit into ten minutes on two cores: of the study's 22 the U-Net's without augmentation, and some. */
const QUICK_ROWS = [
  PLAIN_ROWS,
  // What every other row is divided by: two trainings of it lie up to 0.06 apart.
  { ...PLAIN_ROWS, generators: [null], real: [true], seeds: [2] },
  { ...PLAIN_ROWS, generators: [null], real: [true], augmentation: [true] },
  { ...PLAIN_ROWS, generators: [null, "diffusion"], real: [true], subjects: [23] },
  { ...PLAIN_ROWS, segmenters: ["swin"], generators: [null], real: [true] },
  { ...PLAIN_ROWS, segmenters: ["swin"], generators: ["diffusion"], real: [false] },
] as const satisfies readonly SegmentationGrid[];

/** What the profiles share unless they say otherwise: the settings that learn on two cores at 32 pixels. */
const SMALL: Omit<Profile, "name" | "purpose" | "grid"> = {
  meaningful: true,
  seed: 1,
  cohort: { recipe: { name: "simulated-glioma", version: DEFAULT_VERSION, seed: 1, subjects: 72 } },
  split: { validation: 6, test: 14 },
  size: 32,
  generators: generatorsOf((name) => smallConfig(name, 32)),
  generatorWeights: "trained",
  fewerSubjects: "same images",
  sampling: { images: 1_024 },
  segmenters: smallSegmenters(
    { images: 8_000, batchSize: 8, validations: 8, momentum: 0.9 },
    { images: 8_000, batchSize: 8, validations: 8 },
  ),
  augmentation: STUDY_AUGMENTATION,
  quality: { sequence: "t1wGd", images: 512, replicates: 200, frechetReplicates: 10 },
  secPerImage: SEC_PER_IMAGE_32,
};

const SMOKE_GENERATORS = generatorsOf((name) => withImages(smallConfig(name, 32), 192));

/** Recording a denoiser's graph takes longer than so short a training: a smaller one, and fewer steps of drawing. */
const SMOKE_DENOISING = {
  network: {
    ...SMOKE_GENERATORS.diffusion.network,
    baseChannels: 8,
    channelMultipliers: [1, 2, 2],
  },
  sampling: { method: { kind: "ddim", steps: 10 }, batchSize: 32, masks: "thresholds", blackBelow: 0 },
} as const;

/**
 * The study's networks for half its size. Its diffusion model draws over a sixteenth of its steps: all 4,000 would
 * take two days (see the estimate of `study plan`).
 */
const WORKSTATION_DENOISING = { kind: "respaced", steps: 250 } as const;
const WORKSTATION_NETWORKS = generatorsOf((name) =>
  withImages(atSize(studyConfig(`brats2020/${name}`), 128), 500_000),
);
const WORKSTATION_GENERATORS = {
  ...WORKSTATION_NETWORKS,
  diffusion: {
    ...WORKSTATION_NETWORKS.diffusion,
    sampling: { ...WORKSTATION_NETWORKS.diffusion.sampling, method: WORKSTATION_DENOISING },
  },
};

/** What each profile changes. */
const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  smoke: {
    ...SMALL,
    name: "smoke",
    purpose: "the whole grid in miniature, everything from scratch; its numbers mean nothing",
    meaningful: false,
    cohort: { recipe: { ...SMALL.cohort.recipe, seed: 2, subjects: 6 } },
    split: { validation: 1, test: 2 },
    generators: { ...SMOKE_GENERATORS, diffusion: { ...SMOKE_GENERATORS.diffusion, ...SMOKE_DENOISING } },
    sampling: { images: 40 },
    segmenters: {
      unet: {
        network: { ...SMALL_UNET, firstChannels: 4 },
        config: smallUnetTraining({ images: 320, batchSize: 16, validations: 8 }),
      },
      swin: {
        network: SMALL_SWIN,
        config: smallSwinTraining({ images: 160, batchSize: 16, validations: 8 }),
      },
    },
    quality: { ...SMALL.quality, images: 24, replicates: 20, frechetReplicates: 2 },
    grid: {
      generators: [{ generators: ["diffusion"], subjects: [2, "all"], seeds: [1] }],
      segmentation: [
        { ...ALL_ROWS, seeds: [1] },
        { ...PLAIN_ROWS, generators: [null, "diffusion"], real: [true], subjects: [2] },
      ],
      generatorSeed: 1,
    },
  },
  quick: {
    ...SMALL,
    name: "quick",
    purpose:
      "images of the shipped generators, segmentation networks trained here: the default, for a first look",
    size: 64,
    generators: generatorsOf((name) => smallConfig(name, 64)),
    generatorWeights: "shipped",
    segmenters: smallSegmenters(
      { images: 1_920, batchSize: 4, validations: 2, momentum: 0.9 },
      { images: 2_000, batchSize: 8, validations: 2 },
    ),
    secPerImage: SEC_PER_IMAGE_64,
    grid: {
      generators: [{ generators: ["diffusion"], subjects: [23, "all"], seeds: [1] }],
      segmentation: QUICK_ROWS,
      generatorSeed: 1,
    },
  },
  laptop: {
    ...SMALL,
    name: "laptop",
    purpose: "everything trained from scratch on two cores, at 32 x 32 pixels",
    // As many images take an hour more where two cores compute in float32; `quick` compares as many images.
    fewerSubjects: "same passes",
    sampling: { images: 4_096 },
    grid: {
      generators: [{ generators: GENERATOR_NAMES, subjects: [23, "all"], seeds: [1] }],
      segmentation: [
        { ...ALL_ROWS, segmenters: ["unet"], augmentation: [false], seeds: [1, 2] },
        { ...ALL_ROWS, segmenters: ["unet"], augmentation: [true], seeds: [1] },
        { ...ALL_ROWS, segmenters: ["swin"], augmentation: [false], seeds: [1] },
      ],
      generatorSeed: 1,
    },
  },
  workstation: {
    ...SMALL,
    name: "workstation",
    purpose: "128 x 128 pixels on one GPU in about a day; never run",
    cohort: { recipe: { ...SMALL.cohort.recipe, subjects: 369 } },
    split: { validation: 30, test: 56 },
    size: 128,
    generators: WORKSTATION_GENERATORS,
    sampling: { images: 20_000 },
    segmenters: {
      unet: {
        network: { ...STUDY_UNET, depth: 5, firstChannels: 32, padding: "same" },
        config: { ...STUDY_SEGMENTATION, images: 400_000, epochImages: 10_000, validateEveryImages: 20_000 },
      },
      swin: {
        network: { ...STUDY_SWIN, backbone: { ...STUDY_SWIN.backbone, embedding: 64, depths: [2, 2, 6, 2] } },
        config: { ...STUDY_SWIN_SEGMENTATION, images: 200_000, validateEveryImages: 20_000 },
      },
    },
    quality: { ...SMALL.quality, images: 10_000, replicates: 1000, frechetReplicates: 20 },
    secPerImage: SEC_PER_SUBJECT,
    grid: {
      generators: [{ generators: GENERATOR_NAMES, subjects: [46, "all"], seeds: [0] }],
      segmentation: [{ ...ALL_ROWS, seeds: [0, 1] }],
      generatorSeed: 0,
    },
  },
  paper: {
    ...SMALL,
    name: "paper",
    purpose: "the study's own settings: 256 x 256 pixels, ten trainings of every row; never run",
    cohort: { recipe: { ...SMALL.cohort.recipe, subjects: 369 } },
    split: { validation: 63, test: 56 },
    size: 256,
    generators: generatorsOf((name) => studyConfig(`brats2020/${name}`)),
    sampling: { images: 100_000 },
    segmenters: {
      unet: { network: STUDY_UNET, config: STUDY_SEGMENTATION },
      swin: { network: STUDY_SWIN, config: STUDY_SWIN_SEGMENTATION },
    },
    quality: { ...SMALL.quality, images: 50_000, replicates: 1000, frechetReplicates: 20 },
    secPerImage: SEC_PER_SUBJECT,
    grid: STUDY_GRID,
  },
};

/**
 * The profile of a name.
 *
 * @throws InputError naming the profiles there are.
 */
export function profileOf(name: string): Profile {
  const known = PROFILE_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new InputError(`profile ${name}`, "is not known", `Choose one of ${PROFILE_NAMES.join(", ")}`);
  return PROFILES[known];
}

function generatorsOf(make: (name: GeneratorName) => GeneratorConfig): Profile["generators"] {
  const made = Object.fromEntries(GENERATOR_NAMES.map((name) => [name, make(name)]));
  return made as unknown as Profile["generators"];
}

interface Budget extends Pick<SegmentationBudget, "images" | "batchSize"> {
  /** Looks at the validation set. */
  readonly validations: number;
}

interface UNetBudget extends Budget {
  /**
   * The study's where left out, which averages over a hundred steps: too slow for a thousand and fewer. On validation
   * subjects a U-Net on 2,000 real (simulated) slices of 64 x 64 reaches a mean Dice of 0.53 with 0.9 and batches of 4
   * (three seeds), on 3,000 with the study's and batches of 16 one of 0.46; with 12,000 images of 32 x 32 0.57 with 0.9
   * and batches of 8 (two seeds), 0.51 with the study's and batches of 16.
   */
  readonly momentum?: number;
}

function smallSegmenters(unet: UNetBudget, swin: Budget): Profile["segmenters"] {
  return {
    unet: { network: SMALL_UNET, config: smallUnetTraining(unet) },
    swin: { network: SMALL_SWIN, config: smallSwinTraining(swin) },
  };
}

/** The study's training with a smaller budget: thirty epochs, a sixth of them warm-up as so short a run needs. */
function smallUnetTraining(unet: UNetBudget): Profile["segmenters"]["unet"]["config"] {
  const { validations, momentum, ...budget } = unet;
  const { optimizer } = STUDY_SEGMENTATION;
  return {
    ...STUDY_SEGMENTATION,
    ...budget,
    optimizer: { ...optimizer, momentum: momentum ?? optimizer.momentum },
    epochImages: Math.ceil(budget.images / 30),
    validateEveryImages: Math.ceil(budget.images / validations),
  };
}

/** The study's training with a smaller budget, and the higher rate that a smaller network from scratch bears. */
function smallSwinTraining({ validations, ...budget }: Budget): Profile["segmenters"]["swin"]["config"] {
  const steps = Math.ceil(budget.images / budget.batchSize);
  return {
    ...STUDY_SWIN_SEGMENTATION,
    ...budget,
    initialLearningRate: 1e-3,
    warmUp: { steps: Math.ceil(steps / 20), ratio: 1e-3 },
    validateEveryImages: Math.ceil(budget.images / validations),
  };
}
