import { Table } from "../../figures/table";
import { countParameters } from "../../generators/build-networks";
import {
  GENERATOR_NAMES,
  GENERATOR_TITLE,
  type DiffusionGeneratorConfig,
  type GeneratorName,
} from "../../generators/generator-config";
import { ShapeParams } from "../../models/shape-params";
import { UPerNetSwin } from "../../models/swin/upernet-swin";
import { UNet } from "../../models/unet/unet";
import { SLICE_CHANNELS } from "../../shape";
import { generatorCells, segmentationCells, SEGMENTERS, type Segmenter } from "../grid/cells";
import type { Profile } from "../profile";
import { profileOf } from "../profiles";
import { SEGMENTER_TITLE } from "../results/names";
import { FORWARD_OPERATIONS, type CostedProfile, type StudyNetwork } from "./study-operations";

/** Of a network that learns: forwards, and gradients of its input and of its weights, as much as forwards each. */
const LEARNING = 3;
/** Of a network through which a gradient passes. */
const PASSING = 2;
/** Of a penalty on a gradient, which is differentiated again. */
const PENALTY = 2 * LEARNING;

/** Share of the steps that penalize the gradient of the discriminator, and of those that penalize path lengths. */
const PENALTIES: Readonly<
  Record<Exclude<GeneratorName, "diffusion">, { readonly gradient: number; readonly path: number }>
> = {
  "progressive-gan": { gradient: 1, path: 0 },
  stylegan1: { gradient: 1, path: 0 },
  // Every fourth step, with half the batch.
  stylegan2: { gradient: 1 / 16, path: 1 / 8 },
  stylegan3: { gradient: 1 / 16, path: 0 },
};

/**
 * Seconds that one A100 needs for an image of StyleGAN 3's training at 256 pixels, as its authors measured: 49.8 s
 * for a thousand (docs/configs.md of NVlabs/stylegan3).
 */
const STYLEGAN3_SEC = 0.0498;

/** Operations a second of the estimate: what those seconds are for the operations that are counted here. */
export const GPU_RATE = trainingOperations("stylegan3", FORWARD_OPERATIONS.paper) / STYLEGAN3_SEC;

/** On the disk, about: a simulated subject, and the slices that are kept of it. */
const SUBJECT_BYTES = 9e6;
const SLICES_A_SUBJECT = 74;

const FLOAT_BYTES = 4;
/** Values in a checkpoint for each weight: the weight, the optimizer's, the best or averaged weight. */
const COPIES = { unet: 3, swin: 4, generator: 4 } as const;

/** Operations of one image forwards, by network. */
type Operations = Readonly<Record<StudyNetwork, number>>;

/** A kind of work of a profile. */
export interface CostLine {
  readonly what: string;
  /** Trainings, or sets of images that are drawn. */
  readonly count: number;
  /** Images of each. */
  readonly images: number;
  /** Operations of one image. */
  readonly operations: number;
  readonly gpuHours: number;
}

/** What a profile would cost on one GPU, a line a kind of work. Nothing of it ran. */
export function studyCost(name: CostedProfile): readonly CostLine[] {
  const profile = profileOf(name);
  const forward = FORWARD_OPERATIONS[name];
  const { grid, generators, sampling, segmenters } = profile;
  const cohort = { cohort: "simulated", trainingSubjects: trainingSubjects(profile) };
  const cells = generatorCells(grid, cohort);
  const networks = segmentationCells(grid, cohort);
  const drawn = (name: GeneratorName) => cells.filter(({ generator }) => generator === name).length;
  return [
    ...GENERATOR_NAMES.map((generator) =>
      line(`training: ${GENERATOR_TITLE[generator]}`, {
        count: drawn(generator),
        images: generators[generator].training.images,
        operations: trainingOperations(generator, forward),
      }),
    ),
    ...GENERATOR_NAMES.map((generator) =>
      line(`drawing: ${GENERATOR_TITLE[generator]}`, {
        count: drawn(generator),
        images: sampling.images,
        operations: drawingOperations(generator, forward, drawingSteps(generators.diffusion)),
      }),
    ),
    ...SEGMENTERS.map((segmenter: Segmenter) =>
      line(`training: ${SEGMENTER_TITLE[segmenter]}`, {
        count: networks.filter((cell) => cell.segmenter === segmenter).length,
        images: segmenters[segmenter].config.images,
        operations: LEARNING * forward[segmenter],
      }),
    ),
  ];
}

/** Bytes of the cohort, of its slices and of all images that are drawn; and of all that trainings keep. */
export function studyBytes(name: CostedProfile): {
  readonly images: number;
  readonly trainings: number;
} {
  const profile = profileOf(name);
  const { size, cohort, grid, sampling, generators, segmenters } = profile;
  const image = size ** 2 * SLICE_CHANNELS;
  const facts = { cohort: "", trainingSubjects: trainingSubjects(profile) };
  const cells = generatorCells(grid, facts);
  const subject = SUBJECT_BYTES + SLICES_A_SUBJECT * image;
  const [unet, swin] = [new ShapeParams(), new ShapeParams()];
  new UNet(unet, segmenters.unet.network);
  new UPerNetSwin(swin, segmenters.swin.network);
  const sum = (bytes: readonly number[]): number => bytes.reduce((total, one) => total + one, 0);
  return {
    images: cohort.recipe.subjects * subject + cells.length * sampling.images * image,
    trainings: sum([
      ...cells.map(({ generator }) => {
        const { generator: drawing, discriminator } = countParameters(generators[generator]);
        return keptBytes(drawing + (discriminator ?? 0), COPIES.generator);
      }),
      ...segmentationCells(grid, facts).map(({ segmenter }) =>
        keptBytes((segmenter === "unet" ? unet : swin).count, COPIES[segmenter]),
      ),
    ]),
  };
}

/** Weights, and the last two checkpoints with so many values for each of them. */
function keptBytes(parameters: number, copies: number): number {
  return FLOAT_BYTES * parameters * (1 + 2 * copies);
}

/** What the estimate is of, and what else must be known of it. */
const COSTED: Readonly<Record<CostedProfile, { readonly what: string; readonly remark: string }>> = {
  workstation: {
    what: "the profile workstation would cost (128 x 128 pixels)",
    remark: "So small a network may not keep a GPU as busy as that.",
  },
  paper: {
    what: "the study's own settings would cost (profile paper: 256 x 256 pixels, the whole grid)",
    remark:
      "The length of the diffusion model's training is not published: 30,000 steps, those of the authors' example.",
  },
};

/** The estimate as a table, with what it is made of. */
export function studyCostTable(name: CostedProfile): Table {
  const lines = studyCost(name);
  const bytes = studyBytes(name);
  const { what, remark } = COSTED[name];
  const hours = lines.reduce((sum, { gpuHours }) => sum + gpuHours, 0);
  return new Table({
    id: "study-cost",
    caption: `Estimate of what ${what}; nothing of it was run. Operations were counted for one image forwards through each network; a network that learns counts ${LEARNING} times, one that a gradient passes ${PASSING} times, a penalty on a gradient ${PENALTY} times, and growing networks at full size. The rate is that of one A100: ${(GPU_RATE / 1e12).toFixed(0)} TFLOP/s, at which StyleGAN 3's authors needed ${1000 * STYLEGAN3_SEC} s for 1,000 images. Disk: about ${gigabytes(bytes.images)} GB of cohort, slices and drawn images, and ${gigabytes(bytes.trainings)} GB of weights and the last two checkpoints of each training. ${remark}`,
    columns: [
      { label: "work" },
      { label: "times", digits: 0 },
      { label: "images each (k)", digits: 0 },
      { label: "GFLOP an image", digits: 0 },
      { label: "GPU-hours", digits: 0 },
    ],
    rows: [
      ...lines.map(({ what, count, images, operations, gpuHours }) => [
        what,
        count,
        images / 1e3,
        operations / 1e9,
        gpuHours,
      ]),
      ["all", null, null, null, hours],
    ],
    ruled: [lines.length],
  });
}

function gigabytes(bytes: number): string {
  return Math.round(bytes / 1e9).toLocaleString("en-US");
}

function line(what: string, work: Omit<CostLine, "what" | "gpuHours">): CostLine {
  const gpuHours = (work.count * work.images * work.operations) / GPU_RATE / 3600;
  return { what, ...work, gpuHours };
}

/**
 * Of one image of a training. A GAN's step trains the discriminator on a real and a drawn image, then the generator
 * through it.
 */
function trainingOperations(name: GeneratorName, forward: Operations): number {
  if (name === "diffusion") return LEARNING * forward["diffusion denoiser"];
  const { generator, discriminator } = networksOf(name, forward);
  const { gradient, path } = PENALTIES[name];
  return (
    generator * (1 + LEARNING + PENALTY * path) +
    discriminator * (2 * LEARNING + PASSING + PENALTY * gradient)
  );
}

function drawingOperations(name: GeneratorName, forward: Operations, steps: number): number {
  return name === "diffusion" ? steps * forward["diffusion denoiser"] : networksOf(name, forward).generator;
}

/** Passes through the network that an image takes. */
function drawingSteps({ schedule, sampling }: DiffusionGeneratorConfig): number {
  return sampling.method.kind === "ancestral" ? schedule.steps : sampling.method.steps;
}

function networksOf(
  name: Exclude<GeneratorName, "diffusion">,
  forward: Operations,
): {
  readonly generator: number;
  readonly discriminator: number;
} {
  // StyleGAN 3 is trained against StyleGAN 2's discriminator.
  const opponent: StudyNetwork = `${name === "stylegan3" ? "stylegan2" : name} discriminator`;
  return { generator: forward[`${name} generator`], discriminator: forward[opponent] };
}

function trainingSubjects({ cohort, split }: Profile): number {
  return cohort.recipe.subjects - split.validation - split.test;
}
