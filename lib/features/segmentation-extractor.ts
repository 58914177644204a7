import type { UNet } from "../models/unet/unet";
import { inputLayout, inputTensor, plainBatch } from "../training/segmentation/segmentation-input";
import type { FeatureExtractor } from "./feature-extractor";

/**
 * The encoder of a segmentation network that was trained on real slices: its bottom level before the last
 * normalisation, averaged over the image. Unlike networks for photographs it looks at all four sequences, and at what tumours look like.
 *
 * @param network Stays the caller's.
 * @param trainedOn What it was trained on, for the name: "real slices".
 */
export function segmentationExtractor(network: UNet, trainedOn: string): FeatureExtractor {
  const { depth, firstChannels } = network.config;
  return {
    name: `U-Net encoder (${trainedOn})`,
    size: firstChannels * 2 ** (depth - 1),
    canonical: false,
    features: (slices, indices) => {
      const layout = inputLayout(network.config, slices.size);
      return network.encode(inputTensor(plainBatch(slices, indices, layout), layout)).mean([1, 2]);
    },
    dispose: () => undefined,
  };
}
