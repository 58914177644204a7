import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../backend/rng";
import { blackenBackground } from "../data/black-background";
import { decodeMasksOf, type MaskDecoding } from "../data/mask-decoding";
import { samplingPrecision } from "../backend/sampling-precision";
import { explainFileError, InputError } from "../errors";
import type { Truncation } from "../models/gan";
import type { Params } from "../models/params";
import type { SamplingMethod } from "../sampling/diffusion-sampler";
import { contentHash, sha256 } from "../storage/content-hash";
import { DiffusionImages } from "./diffusion-images";
import { GanImages } from "./gan-images";
import type { GanSampling } from "./generator-config";
import { readGenerator, type GeneratorDescription, type OpenedGenerator } from "./generator-file";
import { ImageSource, type BatchPainter } from "./image-source";
import { shippedWeights } from "./zoo";

/** The weights file in the folder of a finished training and in that of a shipped model. */
export const WEIGHTS_FILE = "weights.safetensors";

/** How images shall be drawn, where not as the generator's file says. */
export interface DrawingOptions {
  /** Seed of all images together; image k of one seed is not that of another. Default 1. */
  readonly seed?: number;
  /** Of a GAN with styles; null for none. */
  readonly truncation?: Truncation | null;
  /** Noise inputs of a GAN with styles. */
  readonly noise?: GanSampling["noise"];
  /** Of a diffusion model. */
  readonly method?: SamplingMethod;
  readonly batchSize?: number;
  readonly masks?: MaskDecoding;
  /** Grey values of the sequences below this become 0. */
  readonly blackBelow?: number;
}

/** A trained generator, ready to draw. */
export class OpenGenerator extends ImageSource {
  constructor(
    painter: BatchPainter,
    /** How its images are drawn. */
    readonly description: GeneratorDescription,
    /** The same for images that are the same: weights, settings, seed and precision. */
    readonly key: string,
    private readonly params: Params,
  ) {
    super(description.size, description.sampling.batchSize, painter);
  }

  /** In which format the products of its network are computed, for records. */
  readonly precision = samplingPrecision();

  /** Number of trained values of the network that makes the images. */
  get parameters(): number {
    return this.params.count;
  }

  /** As of any source, with masks and background as the description says. */
  override drawBatch(seeds: readonly number[]): Uint8Array {
    const images = super.drawBatch(seeds);
    const { masks, blackBelow } = this.description.sampling;
    decodeMasksOf(images, this.size, masks);
    blackenBackground(images, blackBelow);
    return images;
  }

  override dispose(): void {
    super.dispose();
    this.params.dispose();
  }
}

/**
 * Opens a trained generator. The backend must have been started.
 *
 * @param where A weights file, the folder of a finished training, or the name of a model that comes with the project.
 * @throws InputError if there is none, or it is damaged.
 */
export function openGenerator(where: string, options: DrawingOptions = {}): OpenGenerator {
  const path = weightsPath(where);
  const hash = hashOf(path);
  const opened = readGenerator(path);
  const { seed = 1 } = options;
  try {
    const chosen = withOptions(path, opened, options);
    const painter = painterOf(chosen, Rng.fromSeed(seed).fork("samples"));
    const key = contentHash([hash, chosen.description, seed, samplingPrecision()]);
    return new OpenGenerator(painter, chosen.description, key, opened.params);
  } catch (error) {
    opened.params.dispose();
    throw error;
  }
}

function painterOf(opened: OpenedGenerator, rng: Rng): BatchPainter {
  const { description, network } = opened;
  if (description.generator !== "diffusion") {
    if (!("latentSize" in network)) throw new Error("a GAN's file gave another network");
    return new GanImages(network, description.sampling, rng);
  }
  if ("latentSize" in network) throw new Error("a diffusion model's file gave another network");
  const { size, process, sampling } = description;
  return new DiffusionImages(network, { ...process, size, method: sampling.method }, rng);
}

function withOptions(path: string, opened: OpenedGenerator, options: DrawingOptions): OpenedGenerator {
  const { truncation, noise, method, batchSize, masks, blackBelow } = options;
  const common = {
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(masks === undefined ? {} : { masks }),
    ...(blackBelow === undefined ? {} : { blackBelow }),
  };
  const { description } = opened;
  if (description.generator === "diffusion") {
    if (truncation !== undefined && truncation !== null)
      throw new InputError(path, "is a diffusion model: it has no truncation");
    if (noise !== undefined) throw new InputError(path, "is a diffusion model: it has no noise inputs");
    const chosen = method === undefined ? {} : { method };
    const sampling = { ...description.sampling, ...chosen, ...common };
    return { ...opened, description: { ...description, sampling } } as OpenedGenerator;
  }
  if (method !== undefined) throw new InputError(path, "is a GAN: it draws an image in one step");
  if (truncation !== undefined && truncation !== null && description.generator === "progressive-gan")
    throw new InputError(path, "is a progressive GAN: it has no styles to truncate");
  const bent = {
    ...(truncation === undefined ? {} : { truncation }),
    ...(noise === undefined ? {} : { noise }),
  };
  const sampling = { ...description.sampling, ...bent, ...common };
  return { ...opened, description: { ...description, sampling } } as OpenedGenerator;
}

/** @throws InputError if it is neither a file nor a folder with weights nor a model of the zoo. */
export function weightsPath(where: string): string {
  if (!existsSync(where)) {
    const shipped = shippedWeights(where);
    if (existsSync(shipped)) return shipped;
    throw new InputError(
      where,
      "is neither a file nor a model that comes with the project",
      "synthmr generate --list names those there are",
    );
  }
  if (!statSync(where).isDirectory()) return where;
  const inside = join(where, WEIGHTS_FILE);
  if (existsSync(inside)) return inside;
  throw new InputError(where, `holds no ${WEIGHTS_FILE}`, "Its training may not have finished");
}

function hashOf(path: string): string {
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    throw explainFileError(path, error);
  }
}
