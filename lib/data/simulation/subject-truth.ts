import type { Anatomy } from "./anatomy";
import type { CohortRecipe } from "./cohort-recipe";
import { BRATS_FRAME, placeInFrame, rowGeometry, voxelMm, type Frame } from "./frame";
import { RowReader, type Lattice } from "./lattice";
import type { Person } from "./person";
import { prepareSubject } from "./simulate-subject";
import { TISSUES, type Tissue } from "./tissue-parameters";

/** What a subject truly is, beyond its label map; whole volumes in the frame, x fastest. */
export interface SubjectTruth {
  readonly person: Person;
  /** Share of each tissue, 255 for a whole voxel; all 0 outside the brain. */
  readonly tissues: Readonly<Record<Tissue, Uint8Array>>;
  /** Labels by the true borders, before any rater. */
  readonly labels: Uint8Array;
  /** Tumour cells as a share of the carrying capacity, 0..1, also where no rater sees them. */
  readonly tumourDensity: Float32Array;
  /** From each voxel to the place where its tissue was before the mass grew, mm, along x, y and z. */
  readonly displacementMm: readonly [Float32Array, Float32Array, Float32Array];
}

/**
 * The truth behind a subject. The subject is made again without its scans, so that nobody else pays for it; takes
 * some 300 MB at 1 mm.
 *
 * @param number 1 for the first subject.
 */
export function subjectTruth(
  anatomy: Anatomy,
  recipe: Pick<CohortRecipe, "name" | "version" | "seed">,
  number: number,
  frame: Frame = BRATS_FRAME,
): SubjectTruth {
  const { head, image } = prepareSubject(anatomy, recipe, number, frame, true);
  const { person, lattice, tumour } = head;
  const whole = (voxels: Uint8Array): Uint8Array =>
    placeInFrame(image.box, voxels, new Uint8Array(frame.shape[0] * frame.shape[1] * frame.shape[2]));
  const tissues = TISSUES.map((tissue, t) => [tissue, whole(image.shares?.[t] ?? new Uint8Array(0))]);
  return {
    person,
    tissues: Object.fromEntries(tissues) as Record<Tissue, Uint8Array>,
    labels: whole(image.truth),
    tumourDensity: inFrame(frame, tumour.lattice, tumour.density, false),
    displacementMm: [
      inFrame(frame, lattice, tumour.push.x, true),
      inFrame(frame, lattice, tumour.push.y, true),
      inFrame(frame, lattice, tumour.push.z, true),
    ],
  };
}

/** A coarse field at every voxel of the frame. @param extend Beyond its lattice: its outermost values, or 0. */
function inFrame(frame: Frame, lattice: Lattice, field: Float32Array, extend: boolean): Float32Array {
  const [nx, ny, nz] = frame.shape;
  const { originMm, spacingMm, dims } = lattice;
  const volume = new Float32Array(nx * ny * nz);
  const row = rowGeometry({ frame, start: [0, 0, 0], size: frame.shape });
  const reader = new RowReader(lattice, row);
  const within = (axis: 0 | 1 | 2, mm: number): boolean =>
    mm >= originMm[axis] && mm <= originMm[axis] + (dims[axis] - 1) * spacingMm;
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const [yMm, zMm] = [voxelMm(frame, y), voxelMm(frame, z)];
      if (!extend && !(within(1, yMm) && within(2, zMm))) continue;
      const line = volume.subarray(nx * (y + ny * z), nx * (y + ny * z + 1));
      reader.read(field, yMm, zMm, line);
      if (!extend) for (let x = 0; x < nx; x++) if (!within(0, voxelMm(frame, x))) line[x] = 0;
    }
  return volume;
}
