import { completeFiles, filesOf, scanCohort } from "../data/brats-files";
import { BRATS_AFFINE, BRATS_SHAPE, readNiftiFrames } from "../data/nifti";

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
export function checkCohortFiles(folder: string, subjects: number): CohortChecks {
  // Without those that lack a file: a cohort of the user's may hold some.
  const complete = scanCohort(folder).filter(({ missing, faults }) => missing.length + faults.length === 0);
  const scans = complete.slice(0, subjects);
  const labels = new Set<number>();
  let geometry = true;
  for (const files of scans.map(completeFiles)) {
    for (const path of filesOf(files))
      for (const { shape, affine, data } of readNiftiFrames(path)) {
        geometry &&= JSON.stringify([shape, affine]) === JSON.stringify([BRATS_SHAPE, BRATS_AFFINE]);
        if (path === files.segmentation) for (const label of new Set(data)) labels.add(label);
      }
  }
  return { subjects: scans.length, geometry, labels: [...labels].sort((a, b) => a - b) };
}
