import { readFileSync } from "node:fs";
import { disableProducts, enableProducts, enabledProducts, type ProductFormat } from "./mixed-precision";

/**
 * In which format the products of training steps are computed where everything else stays in float32: metrics,
 * features and samples must not depend on what a processor does fast.
 */
let trainingFormat: ProductFormat | undefined;

/** Says what `inTrainingPrecision` changes from now on; undefined: nothing. */
export function setTrainingFormat(format: ProductFormat | undefined): void {
  trainingFormat = format;
}

/** Runs, or records, a part of a training step. A format that is in use everywhere stays in use. */
export function inTrainingPrecision<T>(action: () => T): T {
  if (trainingFormat === undefined || enabledProducts() !== undefined) return action();
  enableProducts(trainingFormat);
  try {
    return action();
  } finally {
    disableProducts();
  }
}

/** Where Linux lists what a processor can do. */
const PROCESSOR_INFO = "/proc/cpuinfo";

/** Instructions that multiply bfloat16: without them TensorFlow does it slowly. */
const INSTRUCTIONS = /\b(avx512_bf16|amx_bf16)\b/;

/** Whether the processor multiplies bfloat16 itself, as far as the system tells. */
export function multipliesBfloat16(path = PROCESSOR_INFO): boolean {
  try {
    return INSTRUCTIONS.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}
