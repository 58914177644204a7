import { InputError } from "../errors";
import { SEQUENCES, type Sequence } from "../shape";
import { toBratsFrame } from "./brats-frame";
import type { SubjectFiles } from "./brats-files";
import { classesOfLabels } from "./brats-labels";
import { readNifti, type NiftiVolume } from "./nifti";

export { listSubjects, type SubjectFiles } from "./brats-files";

/** A subject in memory, in the BraTS frame: x to the patient's left, y to the back, z upwards. */
export interface SubjectVolumes {
  readonly id: string;
  /** [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  /** Intensities as scanned, length V, x varying fastest. */
  readonly sequences: Readonly<Record<Sequence, Float32Array>>;
  /** Class index 0 to 3 of each voxel. */
  readonly classes: Uint8Array;
}

/** Largest difference in mm or mm a voxel between the affines of one subject. */
const AFFINE_TOLERANCE = 1e-3;

/**
 * Reads the five volumes of a subject.
 *
 * @throws InputError naming the file, if one cannot be read, has another shape or affine than the first, has
 *   NaN voxels or unknown labels, or a sequence is empty.
 */
export function readSubject(files: SubjectFiles): SubjectVolumes {
  const firstPath = files.sequences.t1w;
  const first = readNifti(firstPath);
  const read = (path: string): NiftiVolume => {
    if (path === firstPath) return first;
    const volume = readNifti(path);
    checkAgreement(path, volume, firstPath, first);
    return volume;
  };
  const sequence = (name: Sequence): Float32Array => readSequence(files.sequences[name], read);
  const [t1w, t1wGd, t2w, flair] = [sequence("t1w"), sequence("t1wGd"), sequence("t2w"), sequence("flair")];
  const labels = toBratsFrame(files.segmentation, read(files.segmentation));
  return {
    id: files.id,
    shape: labels.shape,
    sequences: { t1w, t1wGd, t2w, flair },
    classes: classesOfLabels(files.segmentation, labels.data),
  };
}

/** Every file of a subject: the sequences in order, then the annotation. */
export function filesOf(files: SubjectFiles): readonly string[] {
  return [...SEQUENCES.map((sequence) => files.sequences[sequence]), files.segmentation];
}

function readSequence(path: string, read: (path: string) => NiftiVolume): Float32Array {
  const { data } = toBratsFrame(path, read(path));
  const values = data instanceof Float32Array ? data : new Float32Array(data);
  if (!hasPositive(values)) throw new InputError(path, "has no voxel above zero");
  return values;
}

function hasPositive(values: Float32Array): boolean {
  let i = values.length - 1;
  while (i >= 0 && !((values[i] as number) > 0)) i--;
  return i >= 0;
}

function checkAgreement(path: string, volume: NiftiVolume, firstPath: string, first: NiftiVolume): void {
  if (volume.shape.some((size, i) => size !== first.shape[i]))
    throw new InputError(
      path,
      `has the shape ${volume.shape.join(" x ")}, but ${firstPath} has ${first.shape.join(" x ")}`,
    );
  const expected = first.affine.flat();
  if (volume.affine.flat().some((value, i) => !(Math.abs(value - (expected[i] ?? 0)) <= AFFINE_TOLERANCE)))
    throw new InputError(path, `has another affine than ${firstPath}`);
}
