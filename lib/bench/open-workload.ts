import type { BenchCase } from "./bench-case";
import type { Workload } from "./workload";
import { diffusionSampling, diffusionTraining } from "./workloads/diffusion-workload";
import { featureExtraction } from "./workloads/feature-workload";
import { ganSampling, ganTraining } from "./workloads/gan-workload";
import { segmentationTraining } from "./workloads/segmentation-workload";

/**
 * Builds the networks of a case and what feeds them. Needs a started backend.
 *
 * @param subject Named in errors: the file of the case.
 * @throws InputError if the settings are not those of the network.
 */
export function openWorkload(subject: string, benchCase: BenchCase): Workload {
  switch (benchCase.network) {
    case "diffusion-unet":
      return benchCase.work === "train"
        ? diffusionTraining(subject, benchCase)
        : diffusionSampling(subject, benchCase);
    case "unet":
    case "upernet-swin":
      return segmentationTraining(subject, benchCase);
    case "efficientnet-lite0":
      return featureExtraction(benchCase);
    default:
      return benchCase.work === "train" ? ganTraining(subject, benchCase) : ganSampling(subject, benchCase);
  }
}
