import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../backend/rng";
import { pixelHash } from "../data/pixel-hash";
import type { SliceSource } from "../data/sharded-slices";
import { InputError } from "../errors";
import type { Params } from "../models/params";
import { sha256 } from "../storage/content-hash";
import { trainDiffusion } from "../training/diffusion/train-diffusion";
import { trainGan } from "../training/gan/train-gan";
import { RunLog } from "../training/loop/run-log";
import type { LoopOptions, TrainingOutcome } from "../training/loop/training-loop";
import { buildGan, countParameters } from "./build-networks";
import { DiffusionImages } from "./diffusion-images";
import { GanImages } from "./gan-images";
import { sizeOf, type GeneratorConfig } from "./generator-config";
import { writeGenerator } from "./generator-file";
import { ImageSource, type BatchPainter } from "./image-source";
import { WEIGHTS_FILE } from "./open-generator";
import { writeTrainingRecord, type TrainingRecord } from "./training-record";

/** A look at the generator now and then during its training. */
export interface GeneratorWatch {
  readonly everyImages: number;
  /** @param images Draws with the averaged weights of the moment; good until `see` is done. */
  see(images: ImageSource, imagesSeen: number): void | Promise<void>;
}

/** Where a training comes from, for its record. */
export interface TrainingOrigin {
  readonly seed: number;
  readonly command: string;
  /** Of the code. */
  readonly commit: string;
}

export interface TrainGeneratorOptions {
  readonly config: GeneratorConfig;
  readonly slices: SliceSource;
  /** Checkpoints, log, weights and record; an unfinished run found there goes on. */
  readonly folder: string;
  /** Names config and data: a checkpoint of others is refused. */
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: LoopOptions;
  readonly origin: TrainingOrigin;
  readonly watch?: GeneratorWatch;
}

export interface TrainedGenerator {
  readonly outcome: TrainingOutcome;
  readonly record: TrainingRecord;
  /** Path of the averaged weights, which `openGenerator` takes. */
  readonly weights: string;
}

/**
 * Trains any of the generators on slices (all five channels), from its last checkpoint if there is one, and leaves
 * its averaged weights and its record in the folder.
 *
 * @throws InputError if the slices are not of the generator's size, or there are too few.
 * @throws InterruptedError once `loop.signal` is aborted and a checkpoint is written.
 */
export async function trainGenerator(options: TrainGeneratorOptions): Promise<TrainedGenerator> {
  const { config, slices, folder, origin } = options;
  if (slices.size !== sizeOf(config))
    throw new InputError(
      slices.source,
      `has slices of ${slices.size} pixels, the generator makes ${sizeOf(config)}`,
    );
  const { params, outcome } = await train(options);
  const weights = join(folder, WEIGHTS_FILE);
  try {
    writeGenerator(weights, params, config, slices);
  } finally {
    params.dispose();
  }
  const log = new RunLog(folder).read();
  const record: TrainingRecord = {
    generator: config.kind,
    size: slices.size,
    parameters: countParameters(config),
    data: {
      source: slices.source,
      simulated: slices.simulated,
      slices: slices.count,
      subjects: slices.subjects.length,
      sha256: pixelHash(slices),
    },
    imagesSeen: outcome.imagesSeen,
    trainingSec: outcome.durationSec,
    peakMemoryBytes: log.reduce((most, line) => Math.max(most, line.residentMb), 0) * 2 ** 20,
    ...origin,
    weightsSha256: sha256(readFileSync(weights)),
    config: { ...config },
  };
  writeTrainingRecord(folder, record);
  return { outcome, record, weights };
}

/** @returns The network that makes the images, with its averaged weights in place. */
async function train({
  config,
  watch,
  ...options
}: TrainGeneratorOptions): Promise<{ readonly params: Params; readonly outcome: TrainingOutcome }> {
  const everyImages = watch?.everyImages ?? Number.POSITIVE_INFINITY;
  const look = async (painter: BatchPainter, imagesSeen: number): Promise<void> => {
    try {
      await watch?.see(new ImageSource(sizeOf(config), config.sampling.batchSize, painter), imagesSeen);
    } finally {
      painter.dispose();
    }
  };
  if (config.kind === "diffusion") {
    const drawing = { ...config, method: config.sampling.method };
    return trainDiffusion({
      ...options,
      config,
      watch: {
        everyImages,
        see: (denoiser, seen) => look(new DiffusionImages(denoiser, drawing, WATCH_RNG), seen),
      },
    });
  }
  const { generator, outcome } = await trainGan({
    ...options,
    build: (rng) => buildGan(config, rng),
    recipe: config.training,
    watch: {
      everyImages,
      see: (network, lod, seen) => look(new GanImages(network, config.sampling, WATCH_RNG, lod), seen),
    },
  });
  return { params: generator.params, outcome };
}

/** As `openGenerator` draws by default, so that the last look shows the first images of the weights. */
const WATCH_RNG = Rng.fromSeed(1).fork("samples");
