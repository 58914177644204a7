import { InputError } from "../errors";
import type { Voxels } from "./nifti-voxels";

/** BraTS label of each class index: background, necrotic core, edema, enhancing tumour. */
export const LABEL_OF_CLASS = [0, 1, 2, 4] as const;

/**
 * What the labels of an annotation mean. "brats": 1 necrotic core, 2 edema, 4 enhancing tumour, or 3 where
 * there is no 4. "since 2023": 3 is enhancing tumour, and 4 something else (a resection cavity). "decathlon": 1
 * edema, 2 necrotic core, 3 enhancing tumour.
 */
export type LabelConvention = "brats" | "since 2023" | "decathlon";

/** Class of the labels 0 to 4; undefined where a label is not of the convention. */
const CLASSES: Readonly<Record<LabelConvention, readonly (0 | 1 | 2 | 3 | undefined)[]>> = {
  brats: [0, 1, 2, 3, 3],
  "since 2023": [0, 1, 2, 3],
  decathlon: [0, 2, 1, 3],
};

const EXPECTED: Readonly<Record<LabelConvention, string>> = {
  brats: "0, 1, 2 and 4 (or 0, 1, 2 and 3)",
  "since 2023": "0, 1, 2 and 3",
  decathlon: "0, 1, 2 and 3",
};

const MOST_LABELS_NAMED = 5;

/**
 * Turns labels into class indices: background, necrotic core, edema, enhancing tumour.
 *
 * @returns Class indices 0 to 3, of the same length.
 * @throws InputError naming every other label and in how many voxels it stands.
 */
export function classesOfLabels(
  path: string,
  labels: Voxels,
  convention: LabelConvention = "brats",
): Uint8Array {
  const classOf = CLASSES[convention];
  const classes = new Uint8Array(labels.length);
  const counts = new Map<number, number>();
  let [threes, fours] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label === 0) continue;
    const index = classOf[label];
    if (index === undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
    else {
      classes[i] = index;
      if (label === 3) threes++;
      else if (label === 4) fours++;
    }
  }
  if (threes > 0 && fours > 0) counts.set(3, threes);
  if (counts.size > 0) throw new InputError(path, describe(counts, EXPECTED[convention]));
  return classes;
}

function describe(counts: ReadonlyMap<number, number>, expected: string): string {
  const labels = [...counts].sort(([a], [b]) => a - b);
  const named = labels.slice(0, MOST_LABELS_NAMED).map(([label, count]) => `${label} in ${count} voxels`);
  const more = labels.length > MOST_LABELS_NAMED ? ` and ${labels.length - MOST_LABELS_NAMED} more` : "";
  return `has the label ${named.join(", ")}${more}, expected ${expected}`;
}
