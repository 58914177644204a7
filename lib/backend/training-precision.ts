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
