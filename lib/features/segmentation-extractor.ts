import type { UNet } from "../models/unet/unet";
import { inputLayout, inputTensor, plainBatch } from "../training/segmentation/segmentation-input";
import { CompiledFeatures } from "./compiled-features";
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
  const compiled = new CompiledFeatures((images) => network.encode(images).mean([1, 2]));
  return {
    name: `U-Net encoder (${trainedOn})`,
    size: firstChannels * 2 ** (depth - 1),
    canonical: false,
    features: (slices, indices) => {
      const layout = inputLayout(network.config, slices.size);
      return compiled.apply(inputTensor(plainBatch(slices, indices, layout), layout));
    },
    dispose: () => {
      compiled.dispose();
    },
  };
}
