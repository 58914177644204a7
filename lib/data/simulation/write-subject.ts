import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explainFileError } from "../../errors";
import { SEQUENCES, type Sequence } from "../../shape";
import { BRATS_AFFINE, writeNifti } from "../nifti";
import type { SimulatedSubject } from "./simulate-subject";

/** How BraTS names the four sequences in file names. */
const FILE_SUFFIX: Readonly<Record<Sequence, string>> = {
  t1w: "t1",
  t1wGd: "t1ce",
  t2w: "t2",
  flair: "flair",
};

/** The folder in which a subject is written before it is whole; hidden, so that no reader takes it for one. */
export function partFolder(folder: string, id: string): string {
  return join(folder, `.${id}.part`);
}

/**
 * Writes a subject as BraTS does, `<id>/<id>_{t1,t1ce,t2,flair,seg}.nii.gz`: the whole folder or nothing.
 *
 * @throws InputError if the disk is full or the folder cannot be written.
 */
export function writeSubject(folder: string, { id, frame, sequences, labels }: SimulatedSubject): void {
  const aside = partFolder(folder, id);
  const spacing = frame.spacingMm;
  const affine = BRATS_AFFINE.map((row) =>
    row.map((value, column) => (column < 3 ? value * spacing : value)),
  );
  try {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    const write = (suffix: string, data: Int16Array | Uint8Array): void =>
      writeNifti(join(aside, `${id}_${suffix}.nii.gz`), {
        shape: frame.shape,
        spacingMm: [spacing, spacing, spacing],
        affine,
        data,
      });
    for (const sequence of SEQUENCES) write(FILE_SUFFIX[sequence], sequences[sequence]);
    write("seg", labels);
    renameSync(aside, join(folder, id));
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw explainFileError(folder, error);
  }
}
