import { Rng } from "../../lib/backend/rng";
import type { GeneratorConfig } from "../../lib/generators/generator-config";
import type { TrainGeneratorOptions } from "../../lib/generators/train-generator";
import { tinySlices } from "../training/tiny-diffusion";

/** What trainGenerator needs for a tiny run in a folder. */
export function tinyTraining(folder: string, config: GeneratorConfig): TrainGeneratorOptions {
  return {
    config,
    slices: tinySlices(),
    folder,
    configHash: "tiny",
    rng: Rng.fromSeed(5),
    loop: { checkpointEverySec: 3600, logEverySteps: 1 },
    origin: { seed: 5, command: "a test", commit: "0123456789ab" },
  };
}
