import { Rng } from "../../backend/rng";
import { BatchSource } from "../../data/batches";
import { STUDY_SWIN, type UPerNetSwinConfig } from "../../models/swin/upernet-swin";
import type { UNetConfig } from "../../models/unet/unet";
import type { BuiltNetwork } from "../../references/network-kind";
import { studyUnet } from "../../references/study-unet";
import { upernetSwin } from "../../references/upernet-swin";
import { ParameterVector } from "../../training/optimizers/parameter-vector";
import { STUDY_SEGMENTATION, STUDY_SWIN_SEGMENTATION } from "../../training/segmentation/segmentation";
import { inputLayout, inputTensor, plainBatch } from "../../training/segmentation/segmentation-input";
import {
  segmentationRecipe,
  type SegmentationNetwork,
  type SegmentationRecipe,
} from "../../training/segmentation/segmentation-recipe";
import { readerOf } from "../../training/segmentation/segmentation-slices";
import { segmentationGradient, segmentationStep } from "../../training/segmentation/segmentation-step";
import type { BenchCase } from "../bench-case";
import { noiseSlices } from "../bench-slices";
import { disposeNetworks, parametersOf, type Workload } from "../workload";
import { BENCH_RATE, MOST_VALUES } from "./workload-settings";

/** The study's U-Net with a quarter of its channels, sized for slices of 64 pixels. */
const SMALL_UNET: UNetConfig = { inChannels: 4, classes: 4, depth: 5, firstChannels: 16, padding: "same" };

/** UPerNet on a Swin transformer of a quarter of the study's width and depth. Nothing is left out at random. */
const SMALL_SWIN: UPerNetSwinConfig = {
  ...STUDY_SWIN,
  backbone: {
    ...STUDY_SWIN.backbone,
    embedding: 32,
    depths: [2, 2, 4, 2],
    heads: [2, 4, 8, 16],
    windowSize: 4,
    dropPath: 0,
  },
  headChannels: 64,
  poolScales: [1, 2], // the last stage has 2 x 2 cells at 64 pixels
  auxiliaryChannels: 64,
  headDropout: 0,
};

/** A segmentation network and how the study trains its kind. */
export interface BuiltSegmenter {
  readonly built: BuiltNetwork<SegmentationNetwork>;
  readonly recipe: SegmentationRecipe;
}

export function buildSegmenter(subject: string, { network, config }: BenchCase): BuiltSegmenter {
  if (network === "unet") {
    const built = studyUnet.fromConfig(subject, config ?? SMALL_UNET, MOST_VALUES);
    return {
      built,
      recipe: segmentationRecipe({ network: built.network.config, config: STUDY_SEGMENTATION }),
    };
  }
  const built = upernetSwin.fromConfig(subject, config ?? SMALL_SWIN, MOST_VALUES);
  return {
    built,
    recipe: segmentationRecipe({ network: built.network.config, config: STUDY_SWIN_SEGMENTATION }),
  };
}

/** A training step of the study's: batch, loss, gradient, optimizer. */
export function segmentationTraining(subject: string, benchCase: BenchCase): Workload {
  const { size, batch } = benchCase;
  const { built, recipe } = buildSegmenter(subject, benchCase);
  const { network, params } = built;
  const rng = Rng.fromSeed(1);
  const parameters = new ParameterVector(params);
  const moving = params.buffers.size > 0 ? new ParameterVector({ variables: params.buffers }) : undefined;
  const optimizer = recipe.optimizer(parameters);
  const gradient = segmentationGradient(network, recipe, params, parameters, moving);
  const slices = readerOf(noiseSlices(size, 2 * batch, rng));
  const batches = new BatchSource(slices, rng.fork("batches"), batch);
  const layout = inputLayout(network.config, size);
  const networks = new Map([["network", built]] as const);
  let step = 0;
  const run = (): void => {
    const slice = plainBatch(slices, batches.batchIndices(step), layout);
    const images = inputTensor(slice, layout);
    segmentationStep({ gradient, optimizer }, images, slice.labels, BENCH_RATE, rng.fork("step", step));
    images.dispose();
    step++;
  };
  return {
    networks,
    parameters: parametersOf(networks),
    images: batch,
    kinds: [{ name: "step", share: 1, run }],
    dispose: () => {
      for (const part of [gradient, parameters, optimizer, moving]) part?.dispose();
      disposeNetworks(networks);
    },
  };
}
