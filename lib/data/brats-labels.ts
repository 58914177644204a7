import { InputError } from "../errors";
import type { Voxels } from "./nifti-voxels";

/** BraTS label of each class index: background, necrotic core, edema, enhancing tumour. */
export const LABEL_OF_CLASS = [0, 1, 2, 4] as const;

const MOST_LABELS_NAMED = 5;

/**
 * Turns BraTS labels into class indices: 0, 1, 2, 4 become 0, 1, 2, 3. Where no voxel has the label 4, label
 * 3 is enhancing tumour, as in challenges after 2022.
 *
 * @returns Class indices 0 to 3, of the same length.
 * @throws InputError naming every other label and in how many voxels it stands.
 */
export function classesOfLabels(path: string, labels: Voxels): Uint8Array {
  const classes = new Uint8Array(labels.length);
  const counts = new Map<number, number>();
  let [threes, fours] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label === 0) continue;
    if (label === 1 || label === 2) classes[i] = label;
    else if (label === 4) {
      classes[i] = 3;
      fours++;
    } else if (label === 3) {
      classes[i] = 3;
      threes++;
    } else counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  if (threes > 0 && fours > 0) counts.set(3, threes);
  if (counts.size > 0) throw new InputError(path, describe(counts));
  return classes;
}

function describe(counts: ReadonlyMap<number, number>): string {
  const labels = [...counts].sort(([a], [b]) => a - b);
  const named = labels.slice(0, MOST_LABELS_NAMED).map(([label, count]) => `${label} in ${count} voxels`);
  const more = labels.length > MOST_LABELS_NAMED ? ` and ${labels.length - MOST_LABELS_NAMED} more` : "";
  return `has the label ${named.join(", ")}${more}, expected 0, 1, 2 and 4 (or 0, 1, 2 and 3)`;
}
