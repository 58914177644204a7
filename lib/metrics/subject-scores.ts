import { CLASS_COUNT, TUMOUR_CLASSES, type TumourClass } from "../shape";
import { countClasses, dice, type ClassCounts } from "./dice";

/** How one class was segmented in one subject. */
export interface ClassScore extends ClassCounts {
  /** Dice over the subject's slices as one volume; NaN where the class is empty in both. */
  readonly dice: number;
}

export interface SubjectScore {
  readonly subject: string;
  readonly classes: Readonly<Record<TumourClass, ClassScore>>;
}

/** Dice of each class over subjects, and the mean of the three classes. */
export interface MeanDice {
  readonly classes: Readonly<Record<TumourClass, number>>;
  readonly mean: number;
}

/** Segmentations of slices and whose they are. */
export interface SegmentedSlices {
  /** Annotated class index of each pixel, [N, H, W] flattened. */
  readonly annotation: Uint8Array;
  /** Predicted class index of each pixel, [N, H, W] flattened. */
  readonly prediction: Uint8Array;
  /** The subject of each slice as an index into `subjects`, [N]. */
  readonly subjectOf: ArrayLike<number>;
  readonly subjects: readonly string[];
}

/**
 * Scores each subject's kept slices as one volume, as the study does: voxels of all its slices are counted
 * together. The three tumour classes stand for themselves; no unions of classes.
 *
 * @returns One a subject that has a slice, in the order of `subjects`.
 * @throws RangeError if the lengths do not fit each other.
 */
export function scoreSubjects(slices: SegmentedSlices): readonly SubjectScore[] {
  return countSubjects(slices, CLASS_COUNT).map(({ subject, counts }) => ({
    subject,
    classes: scoresOf(counts),
  }));
}

/**
 * Counts each subject's slices together.
 *
 * @param classes Number of classes, background included.
 * @returns One a subject that has a slice, in the order of `subjects`; its counts background first.
 * @throws RangeError if the lengths do not fit each other, or an index is not below `classes`.
 */
export function countSubjects(
  slices: SegmentedSlices,
  classes: number,
): readonly { readonly subject: string; readonly counts: readonly ClassCounts[] }[] {
  const { annotation, prediction, subjectOf, subjects } = slices;
  const pixels = annotation.length / subjectOf.length;
  if (subjectOf.length === 0) return [];
  if (!Number.isInteger(pixels))
    throw new RangeError(`${annotation.length} pixels do not make ${subjectOf.length} slices of one size`);
  if (annotation.length !== prediction.length)
    throw new RangeError(`${annotation.length} annotated pixels, but ${prediction.length} predicted ones`);
  const totals = new Map<number, readonly ClassCounts[]>();
  for (let n = 0; n < subjectOf.length; n++) {
    const part = (indices: Uint8Array) => indices.subarray(n * pixels, (n + 1) * pixels);
    const counts = countClasses(part(annotation), part(prediction), classes);
    const subject = subjectOf[n] ?? -1;
    if (subjects[subject] === undefined) throw new RangeError(`slice ${n} belongs to no subject`);
    totals.set(subject, add(totals.get(subject), counts));
  }
  return subjects.flatMap((subject, index) => {
    const counts = totals.get(index);
    return counts === undefined ? [] : [{ subject, counts }];
  });
}

/** The mean over subjects of each class's Dice, undefined ones left out, then the mean of the classes. */
export function meanDice(scores: readonly SubjectScore[]): MeanDice {
  const classes = byClass((name) => meanOfNumbers(scores.map((score) => score.classes[name].dice)));
  return { classes, mean: meanOfNumbers(TUMOUR_CLASSES.map((name) => classes[name])) };
}

/** The mean of the values that are not NaN; NaN where there is none. */
export function meanOfNumbers(values: readonly number[]): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

function scoresOf(counts: readonly ClassCounts[]): SubjectScore["classes"] {
  return byClass((_, index) => {
    const own = counts[index];
    if (own === undefined) throw new RangeError(`no counts of class ${index}`);
    return { ...own, dice: dice(own) };
  });
}

function add(a: readonly ClassCounts[] | undefined, b: readonly ClassCounts[]): readonly ClassCounts[] {
  return b.map((counts, index) => ({
    truePositives: counts.truePositives + (a?.[index]?.truePositives ?? 0),
    falsePositives: counts.falsePositives + (a?.[index]?.falsePositives ?? 0),
    falseNegatives: counts.falseNegatives + (a?.[index]?.falseNegatives ?? 0),
  }));
}

/** A value for each tumour class, made from its name and class index. */
function byClass<T>(make: (name: TumourClass, index: number) => T): Record<TumourClass, T> {
  const [necroticCore, edema, enhancingTumour] = TUMOUR_CLASSES;
  return {
    necroticCore: make(necroticCore, 1),
    edema: make(edema, 2),
    enhancingTumour: make(enhancingTumour, 3),
  };
}
