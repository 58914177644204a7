import { join } from "node:path";
import { completeFiles, scanCohort } from "../data/brats-files";
import { BRATS_AFFINE, BRATS_SHAPE, readNifti } from "../data/nifti";

/** What was found in the files of some subjects. */
export interface CohortChecks {
  readonly subjects: number;
  /** Whether every volume has the shape and the affine of BraTS. */
  readonly geometry: boolean;
  /** Labels that occur in the annotations, rising. */
  readonly labels: readonly number[];
}

/**
 * Reads the files of the first subjects of a BraTS folder as any other program would.
 *
 * @throws InputError if a file is missing or broken.
 */
export function checkCohortFiles(dataFolder: string, folderName: string, subjects: number): CohortChecks {
  const scans = scanCohort(join(dataFolder, folderName)).slice(0, subjects);
  const labels = new Set<number>();
  let geometry = true;
  for (const files of scans.map(completeFiles)) {
    for (const path of [...Object.values(files.sequences), files.segmentation]) {
      const { shape, affine, data } = readNifti(path);
      geometry &&= JSON.stringify([shape, affine]) === JSON.stringify([BRATS_SHAPE, BRATS_AFFINE]);
      if (path === files.segmentation) for (const label of new Set(data)) labels.add(label);
    }
  }
  return { subjects: scans.length, geometry, labels: [...labels].sort((a, b) => a - b) };
}
