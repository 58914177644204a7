import { subjectReader, type SubjectFiles } from "./brats-cohort";
import { classesOfLabels } from "./brats-labels";
import { CLASS_COUNT } from "../shape";

/**
 * Voxels of each class, background first, in a subject's annotation.
 *
 * @throws InputError if the annotation cannot be read or has unknown labels.
 */
export function countClassVoxels(files: SubjectFiles): number[] {
  const { data } = subjectReader(files)("segmentation");
  const voxels = new Array<number>(CLASS_COUNT).fill(0);
  for (const index of classesOfLabels(files.segmentation, data, files.labels))
    voxels[index] = (voxels[index] as number) + 1;
  return voxels;
}
