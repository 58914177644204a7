import { InputError } from "../errors";
import type { Sequence } from "../shape";
import { toBratsFrame, type FramedVolume } from "./brats-frame";
import type { SubjectFiles } from "./brats-files";
import { classesOfLabels } from "./brats-labels";
import { readNifti, readNiftiFrames, type NiftiVolume } from "./nifti";
import type { Voxels } from "./nifti-voxels";

export { filesOf, listSubjects, type SubjectFiles } from "./brats-files";

/** A subject in memory, in the BraTS frame: x to the patient's left, y to the back, z upwards. */
export interface SubjectVolumes {
  readonly id: string;
  /** [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  /** Intensities as scanned and in the type of their file, length V, x varying fastest. */
  readonly sequences: Readonly<Record<Sequence, Voxels>>;
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
  const read = subjectReader(files);
  const firstPath = files.sequences.t1w;
  let first: FramedVolume | undefined;
  const framed = (path: string, volume: NiftiVolume): FramedVolume => {
    const turned = toBratsFrame(path, volume);
    first ??= turned;
    const difference = geometryDifference(turned, first, firstPath);
    if (difference !== undefined) throw new InputError(path, difference);
    return turned;
  };
  const sequence = (name: Sequence): Voxels => {
    const path = files.sequences[name];
    const { data } = framed(path, read(name));
    if (!hasPositive(data)) throw new InputError(path, "has no voxel above zero");
    return data;
  };
  const [t1w, t1wGd, t2w, flair] = [sequence("t1w"), sequence("t1wGd"), sequence("t2w"), sequence("flair")];
  const labels = framed(files.segmentation, read("segmentation"));
  return {
    id: files.id,
    shape: labels.shape,
    sequences: { t1w, t1wGd, t2w, flair },
    classes: classesOfLabels(files.segmentation, labels.data, files.labels),
  };
}

/** Reads the parts of a subject one by one; a file that holds them all is read once. */
export function subjectReader(files: SubjectFiles): (part: Sequence | "segmentation") => NiftiVolume {
  const { frames } = files;
  let held: readonly NiftiVolume[] | undefined;
  return (part) => {
    if (part === "segmentation") return readNifti(files.segmentation);
    const path = files.sequences[part];
    if (frames === undefined) return readNifti(path);
    held ??= readNiftiFrames(path);
    const volume = held[frames[part]];
    if (volume === undefined || held.length !== 4)
      throw new InputError(path, `holds ${held.length} volumes, expected the four sequences`);
    return volume;
  };
}

/** In what two volumes of a subject differ, both in the BraTS frame; undefined where they do not. */
export function geometryDifference(
  { shape, affine }: FramedVolume,
  first: FramedVolume,
  firstPath: string,
): string | undefined {
  if (shape.some((size, i) => size !== first.shape[i]))
    return `has the shape ${shape.join(" x ")}, but ${firstPath} has ${first.shape.join(" x ")}`;
  // A header that is silent agrees with any other.
  const expected = first.affine?.flat();
  if (affine === undefined || expected === undefined) return undefined;
  const differs = affine
    .flat()
    .some((value, i) => !(Math.abs(value - (expected[i] ?? 0)) <= AFFINE_TOLERANCE));
  return differs ? `has another affine than ${firstPath}` : undefined;
}

/** Whether any voxel is brighter than nothing. */
export function hasPositive(values: Voxels): boolean {
  let i = values.length - 1;
  while (i >= 0 && !((values[i] as number) > 0)) i--;
  return i >= 0;
}
