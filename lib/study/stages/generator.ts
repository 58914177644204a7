import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../backend/rng";
import { pixelHash } from "../../data/pixel-hash";
import { explainFileError } from "../../errors";
import { countParameters } from "../../generators/build-networks";
import { GENERATOR_TITLE, type GeneratorConfig } from "../../generators/generator-config";
import { replaceSheets, sheetWatch } from "../../generators/sample-sheet";
import { trainGenerator } from "../../generators/train-generator";
import { readShippedModel, shippedWeights, zooNames } from "../../generators/zoo";
import { generatorName, type GeneratorCell } from "../grid/cells";
import type { Profile } from "../profile";
import { withImages } from "../scaled-generators";
import type { Finished, StageResult, StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { loopOptions } from "../training-options";
import { SliceStore, type SlicesResult } from "./slices";

const WEIGHTS = "weights.safetensors";
const LOG = "log.jsonl";
/** Sheets of samples over a training. */
const SHEETS = 6;

const schema = z.object({
  /** "trained" in this run, or "shipped" with the project. */
  weights: z.enum(["trained", "shipped"]),
  /** H = W of its images. */
  size: z.number(),
  /** Of the network that makes the images; of all networks in training. */
  parameters: z.object({ generator: z.number(), all: z.number() }),
  imagesSeen: z.number(),
  imagesPerSec: z.number(),
  /** Training time of the weights, wherever they were trained. */
  trainingSec: z.number(),
  /** Whether the weights were trained on exactly these training slices. */
  sameTrainingSlices: z.boolean(),
});
export type GeneratorResult = z.infer<typeof schema>;

/** Trains a generator on the slices of a cell's subjects, or takes the weights that come with the project. */
export function generatorStage(
  context: StudyContext,
  cell: GeneratorCell,
  slices: StudyStage<SlicesResult>,
  allSubjects: number,
): StudyStage<GeneratorResult> {
  return context.profile.generatorWeights === "shipped"
    ? shippedStage(context, cell, slices, allSubjects)
    : trainedStage(context, cell, trainedConfig(context.profile, cell, allSubjects), slices);
}

/** The generator of a cell with the budget that its number of subjects has. */
function trainedConfig(profile: Profile, cell: GeneratorCell, allSubjects: number): GeneratorConfig {
  const config = profile.generators[cell.generator];
  if (profile.fewerSubjects === "same images" || cell.subjects === allSubjects) return config;
  return withImages(config, Math.round((config.training.images * cell.subjects) / allSubjects));
}

function trainedStage(
  context: StudyContext,
  cell: GeneratorCell,
  config: GeneratorConfig,
  slices: StudyStage<SlicesResult>,
): StudyStage<GeneratorResult> {
  // How images are drawn later does not change the training.
  const trained = { ...config, sampling: undefined };
  const name = generatorName(cell);
  const stage: StudyStage<GeneratorResult> = defineStage<GeneratorResult>({
    name,
    title: `Training the ${title(cell)}`,
    settings: { config: trained, subjects: cell.subjects, seed: cell.seed },
    inputs: { slices },
    schema,
    files: [WEIGHTS],
    work: { kind: cell.generator, images: config.training.images },
    run: async (folder, report, need): Promise<Finished<GeneratorResult>> => {
      const training = new SliceStore(context, need(slices)).training(cell.subjects);
      try {
        const { outcome } = await trainGenerator({
          config,
          slices: training,
          folder,
          configHash: stage.key,
          rng: Rng.fromSeed(cell.seed).fork("study", cell.generator),
          loop: loopOptions(context, report),
          watch: sheetWatch(folder, Math.ceil(config.training.images / SHEETS)),
          origin: {
            seed: cell.seed,
            command: `npm run reproduce -- --profile ${context.profile.name}`,
            commit: context.provenance?.().commit ?? "not a checkout",
          },
        });
        const { imagesSeen, durationSec } = outcome;
        return {
          result: {
            weights: "trained",
            size: training.size,
            parameters: parametersOf(config),
            imagesSeen,
            imagesPerSec: imagesSeen / durationSec,
            trainingSec: durationSec,
            sameTrainingSlices: true,
          },
          durationSec,
        };
      } finally {
        training.close();
      }
    },
  });
  return stage;
}

function shippedStage(
  context: StudyContext,
  cell: GeneratorCell,
  slices: StudyStage<SlicesResult>,
  allSubjects: number,
): StudyStage<GeneratorResult> {
  const config = context.profile.generators[cell.generator];
  const zooName = shippedName(cell, config, allSubjects);
  const missing = zooNames().includes(zooName)
    ? undefined
    : `weights of the ${title(cell)} (${zooName}) do not come with the project`;
  const shipped = missing === undefined ? readShippedModel(zooName) : undefined;
  return defineStage<GeneratorResult>({
    name: generatorName(cell),
    title: `Taking the shipped ${title(cell)}`,
    settings: { shipped: zooName, weights: shipped?.sha256 ?? null },
    inputs: { slices },
    schema,
    files: [WEIGHTS],
    work: { kind: "shipped", images: 0 },
    ...(missing === undefined ? {} : { missing }),
    run: (folder, _report, need) => {
      if (shipped === undefined) throw new Error(missing);
      takeFiles(zooName, shipped.folder, folder);
      const { imagesSeen, trainingSec, data } = shipped.card;
      const training = new SliceStore(context, need(slices)).training(cell.subjects);
      const sameTrainingSlices = data.sha256 === pixelHash(training);
      training.close();
      const result: GeneratorResult = {
        weights: "shipped",
        size: need(slices).result.size,
        parameters: parametersOf(config),
        imagesSeen,
        imagesPerSec: imagesSeen / trainingSec,
        trainingSec,
        sameTrainingSlices,
      };
      return Promise.resolve({ result });
    },
  });
}

function parametersOf(config: GeneratorConfig): GeneratorResult["parameters"] {
  const { generator, discriminator } = countParameters(config);
  return { generator, all: generator + (discriminator ?? 0) };
}

/** The zoo's folder of a cell: of all training subjects, or of the first so many. */
function shippedName(cell: GeneratorCell, config: GeneratorConfig, allSubjects: number): string {
  const size = config.kind === "diffusion" ? config.size : config.generator.resolution;
  return `${cell.generator}-${size}${cell.subjects === allSubjects ? "" : `-n${cell.subjects}`}`;
}

function takeFiles(name: string, zoo: string, folder: string): void {
  try {
    copyFileSync(shippedWeights(name), join(folder, WEIGHTS));
    copyFileSync(join(zoo, LOG), join(folder, LOG));
    replaceSheets(zoo, folder);
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

/** What people call a cell: "StyleGAN 2, 46 subjects". */
function title({ generator, subjects }: GeneratorCell): string {
  return `${GENERATOR_TITLE[generator]}, ${subjects} subjects`;
}

/** The file of a generator's weights, averaged. */
export function generatorWeights({ folder }: Pick<StageResult<GeneratorResult>, "folder">): string {
  return join(folder, WEIGHTS);
}
