import { join } from "node:path";
import { Rng } from "../../lib/backend/rng";
import { BRATS_AFFINE, writeNifti } from "../../lib/data/nifti";

/** Names of a subject's files after the id. */
export const SUFFIXES = ["t1", "t1ce", "t2", "flair", "seg"] as const;

/** Where a file of a made-up subject stands. */
export function fileOf(folder: string, id: string, suffix: (typeof SUFFIXES)[number]): string {
  return join(folder, id, `${id}_${suffix}.nii.gz`);
}

/**
 * Writes a made-up subject: an ellipse of random intensities on each axial slice, smaller from slice to
 * slice, with three boxes of tumour inside.
 *
 * @param shape [X, Y, Z]; 240 x 240 x few where slices are to be prepared from it.
 */
export function writeSubject(
  folder: string,
  id: string,
  shape: readonly [number, number, number] = [240, 240, 3],
  labels: readonly [number, number, number] = [1, 2, 4],
): void {
  const [sizeX, sizeY, sizeZ] = shape;
  const count = sizeX * sizeY * sizeZ;
  for (const suffix of SUFFIXES) {
    const stream = Rng.fromSeed(7).fork(id, suffix).stream();
    const data = suffix === "seg" ? new Uint8Array(count) : new Int16Array(count);
    for (let at = 0; at < count; at++) {
      const [x, y, z] = [at % sizeX, Math.floor(at / sizeX) % sizeY, Math.floor(at / (sizeX * sizeY))];
      const radius = Math.hypot((x - sizeX / 2) / (0.4 * sizeX), (y - sizeY / 2) / (0.45 * sizeY));
      if (radius > 1 - z / 6) continue;
      data[at] = suffix === "seg" ? labelAt(x / sizeX, y / sizeY, labels) : 300 + stream.integer(700);
    }
    writeNifti(fileOf(folder, id, suffix), { shape, spacingMm: [1, 1, 1], affine: BRATS_AFFINE, data });
  }
}

function labelAt(x: number, y: number, [core, edema, enhancing]: readonly [number, number, number]): number {
  if (x < 0.4 || x > 0.6 || y < 0.4 || y > 0.6) return 0;
  return x < 0.47 ? core : x < 0.53 ? edema : enhancing;
}
