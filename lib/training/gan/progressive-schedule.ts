/** A value for each resolution, with one for those that are not named. */
export interface ByResolution {
  readonly otherwise: number;
  readonly at: Readonly<Record<number, number>>;
}

/**
 * How a network grows over its training. The values of the study's progressive GAN and of StyleGAN 1 stand beside
 * each field.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, appendix A; `TrainingSchedule` of its `train.py`.
 */
export interface ProgressiveScheduleConfig {
  /** Resolution at the start: 4; 8. */
  readonly initialResolution: number;
  /** Images seen at a resolution before the next one fades in; 600,000 in both. */
  readonly stableImages: number;
  /** Images over which a resolution fades in; 600,000 in both. */
  readonly fadeImages: number;
  /** Batch at each resolution; on one device 128 up to 16 pixels, then 64, 32, 16 and 8 at 256 pixels. */
  readonly batchSizes: ByResolution;
  /** Rate of both optimizers: 0.001; in StyleGAN 1 0.0015 at 128 pixels and 0.002 at 256. */
  readonly learningRates: ByResolution;
  /** Steps between two looks at the schedule (`minibatch_repeats`); 4 in both. */
  readonly repeats: number;
}

/** What the schedule says at a number of images seen. */
export interface SchedulePoint {
  /** Level of detail: see `GenerateOptions`. */
  readonly lod: number;
  /** The finer of the resolutions in use. */
  readonly resolution: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/**
 * @param resolution Of the fully grown network.
 * @param imagesSeen Real images that the discriminator has been shown.
 */
export function schedulePoint(
  config: ProgressiveScheduleConfig,
  resolution: number,
  imagesSeen: number,
): SchedulePoint {
  const { initialResolution, stableImages, fadeImages } = config;
  const phaseImages = stableImages + fadeImages;
  const phase = phaseImages > 0 ? Math.floor(imagesSeen / phaseImages) : 0;
  const within = imagesSeen - phase * phaseImages;
  const faded = fadeImages > 0 ? Math.max(within - stableImages, 0) / fadeImages : 0;
  const lod = Math.max(Math.log2(resolution / initialResolution) - phase - faded, 0);
  const present = resolution / 2 ** Math.floor(lod);
  return {
    lod,
    resolution: present,
    batchSize: valueAt(config.batchSizes, present),
    learningRate: valueAt(config.learningRates, present),
  };
}

/** The batches at each resolution, from the first on. @param resolution Of the fully grown network. */
export function progressiveBatchSizes(config: ProgressiveScheduleConfig, resolution: number): number[] {
  const sizes: number[] = [];
  for (let side = config.initialResolution; side <= resolution; side *= 2)
    sizes.push(valueAt(config.batchSizes, side));
  return sizes;
}

/** Whether layers come in or are in for good between two looks, so that optimizers start anew. */
export function changesLayers(before: number, now: number): boolean {
  return Math.floor(before) !== Math.floor(now) || Math.ceil(before) !== Math.ceil(now);
}

function valueAt({ otherwise, at }: ByResolution, resolution: number): number {
  return at[resolution] ?? otherwise;
}
