/** How a prediction of one class compares to the annotation: numbers of voxels. */
export interface ClassCounts {
  /** Voxels of the class in both. */
  readonly truePositives: number;
  /** Voxels of the class in the prediction alone. */
  readonly falsePositives: number;
  /** Voxels of the class in the annotation alone. */
  readonly falseNegatives: number;
}

/**
 * Dice coefficient, 2 TP / (2 TP + FP + FN): twice the overlap over the sum of both sizes.
 *
 * @returns A fraction in [0, 1]; NaN where the class is empty in both, so that a mean must say how it
 * treats them; 0 where it is empty in one alone.
 * @see Dice 1945, Ecology 26(3); the empty case as in nnU-Net's compute_metrics and the study's code.
 */
export function dice({ truePositives, falsePositives, falseNegatives }: ClassCounts): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/** Share of the annotated voxels that are found, TP / (TP + FN); NaN where none is annotated. */
export function sensitivity({ truePositives, falseNegatives }: ClassCounts): number {
  return truePositives / (truePositives + falseNegatives);
}

/** Share of the predicted voxels that are right, TP / (TP + FP); NaN where none is predicted. */
export function precision({ truePositives, falsePositives }: ClassCounts): number {
  return truePositives / (truePositives + falsePositives);
}

/**
 * Counts every class at once.
 *
 * @param annotation Class index of each voxel, length V.
 * @param prediction The same of the prediction, length V.
 * @param classes Number of classes, background included.
 * @returns One a class, background first.
 * @throws RangeError if the lengths differ or an index is not below `classes`.
 */
export function countClasses(
  annotation: Uint8Array,
  prediction: Uint8Array,
  classes: number,
): readonly ClassCounts[] {
  const matrix = confusionMatrix(annotation, prediction, classes);
  const at = (truth: number, predicted: number) => matrix[truth * classes + predicted] ?? 0;
  const indices = Array.from({ length: classes }, (_, index) => index);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return indices.map((index) => ({
    truePositives: at(index, index),
    falsePositives: sum(indices.map((other) => at(other, index))) - at(index, index),
    falseNegatives: sum(indices.map((other) => at(index, other))) - at(index, index),
  }));
}

/** Voxels of each pair (annotated class, predicted class), [classes, classes] flattened. */
export function confusionMatrix(
  annotation: Uint8Array,
  prediction: Uint8Array,
  classes: number,
): Float64Array {
  if (annotation.length !== prediction.length)
    throw new RangeError(`${annotation.length} annotated voxels, but ${prediction.length} predicted ones`);
  const matrix = new Float64Array(classes * classes);
  for (let i = 0; i < annotation.length; i++) {
    const truth = annotation[i] as number;
    const predicted = prediction[i] as number;
    if (truth >= classes || predicted >= classes)
      throw new RangeError(`voxel ${i} has class ${Math.max(truth, predicted)} of ${classes}`);
    matrix[truth * classes + predicted] = (matrix[truth * classes + predicted] as number) + 1;
  }
  return matrix;
}
