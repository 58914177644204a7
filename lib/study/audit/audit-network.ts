import type { AugmentationConfig } from "../../data/augmentation/augmentation-config";
import type { SliceSet } from "../../data/slice-set";
import type { UNetConfig } from "../../models/unet/unet";
import type { SegmentationConfig } from "../../training/segmentation/segmentation";
import { trainSegmentation, type TrainedSegmentation } from "../../training/segmentation/train-segmentation";
import type { Stage } from "../stage";
import { loopOptions } from "../training-options";
import type { AuditContext } from "./audit-context";

/** What a user of the audit decides about its U-Nets. */
export interface NetworkOptions {
  /** Height and width of the slices, pixels. */
  readonly size: number;
  /** Images seen in training. */
  readonly images: number;
  readonly seed: number;
}

/** Everything of the options that changes a result. */
export interface NetworkSettings {
  readonly network: UNetConfig;
  readonly training: SegmentationConfig;
  readonly size: number;
  readonly seed: number;
}

/**
 * The study's U-Net and training, scaled to a smaller slice: its blocks, heads, loss, optimizer and schedule;
 * as many levels as bring the slice down to 4 x 4 pixels, a quarter of the channels, "same" padding, and the
 * budget in 100 epochs (the study: 400).
 */
export function networkSettings({ size, images, seed }: NetworkOptions): NetworkSettings {
  const depth = Math.max(2, Math.log2(size) - 1);
  return {
    size,
    seed,
    network: { inChannels: 4, classes: 4, depth, firstChannels: 16, padding: "same" },
    training: {
      images,
      epochImages: Math.max(1, Math.round(images / 100)),
      batchSize: 16,
      initialLearningRate: 2e-2,
      warmUpEpochs: 5,
      optimizer: { momentum: 0.99, weightDecay: 3e-5, clipNorm: 12 },
      validateEveryImages: Math.max(1, Math.ceil(images / 12)),
    },
  };
}

/** Trains one network of an audit on real or simulated subjects; an interrupted training goes on. */
export function trainNetwork(
  context: AuditContext,
  options: NetworkOptions,
  parts: {
    readonly train: SliceSet;
    readonly validation: SliceSet;
    /** Random changes of the training slices; left out: none. */
    readonly augmentation?: AugmentationConfig;
    /** Of the stage: checkpoints and log. */
    readonly folder: string;
    readonly report: Parameters<Stage<unknown>["run"]>[1];
    /** Hashes of the slices. */
    readonly data: readonly string[];
  },
): Promise<TrainedSegmentation> {
  const { network, training } = networkSettings(options);
  const { train, validation, augmentation, folder, report, data } = parts;
  const named = augmentation === undefined ? [] : [augmentation];
  return trainSegmentation({
    network,
    config: training,
    train,
    validation: { set: validation, score: "subjects" },
    ...(augmentation === undefined ? {} : { augmentation }),
    folder,
    configHash: JSON.stringify([network, training, options.seed, data, ...named]),
    rng: context.rng.fork("network", options.seed),
    loop: loopOptions(context, report),
  });
}
