import { join } from "node:path";
import { InputError } from "../../errors";
import { cacheFolder } from "../../storage/cache-folder";
import { readNifti } from "../nifti";
import type { TissueMaps } from "./anatomy";
import { latticeOver, nodeCount, type Vector } from "./lattice";

/** Version of the wheel that carries the maps, part of their folder's name. */
const SRI24_VERSION = "0.1.0";

/** What every folder made from the atlas must carry (CC BY-SA 3.0). */
export const SRI24_ATTRIBUTION =
  "Anatomy derived from the SRI24 atlas, CC BY-SA 3.0: Rohlfing, Zahr, Sullivan, Pfefferbaum 2010, " +
  "Human Brain Mapping 31(5), doi 10.1002/hbm.20906";

/** The atlas's brain lies within x 53-185, y 44-214, z 6-139 mm; what is left is margin. */
const LOW: Vector = [45, 36, -2];
const HIGH: Vector = [193, 222, 147];

/** Where set-up stages the atlas. */
export function sri24Folder(): string {
  return join(cacheFolder(), `sri24-${SRI24_VERSION}`);
}

/**
 * Reads the tissue probabilities of SRI24 (Rohlfing et al. 2010, doi 10.1002/hbm.20906) into the BraTS frame.
 *
 * @throws InputError if a file is missing, damaged or not on the 240x240x155 grid of 1 mm.
 */
export function readSri24(folder = sri24Folder()): TissueMaps {
  const lattice = latticeOver(LOW, HIGH, 1);
  const [csf, gm, wm] = ["csf", "gm", "wm"].map((tissue) =>
    readMap(join(folder, `pbmap_${tissue}.nii.gz`), nodeCount(lattice)),
  ) as [Float32Array, Float32Array, Float32Array];
  normalize(csf, gm, wm);
  return { lattice, csf, gm, wm };
}

/** One map, reoriented by its own affine: the files of the atlas mix left and right, front and back. */
function readMap(path: string, count: number): Float32Array {
  const { shape, affine, data } = readNifti(path);
  if (shape.join() !== "240,240,155")
    throw new InputError(path, `has shape ${shape.join(" x ")}, expected 240 x 240 x 155`);
  const flipX = (affine[0]?.[0] ?? 0) > 0;
  const flipY = (affine[1]?.[1] ?? 0) > 0;
  const map = new Float32Array(count);
  let node = 0;
  for (let z = LOW[2]; z <= HIGH[2]; z++)
    for (let y = LOW[1]; y <= HIGH[1]; y++)
      for (let x = LOW[0]; x <= HIGH[0]; x++, node++) {
        if (z < 0) continue;
        const voxel = (flipX ? 239 - x : x) + 240 * ((flipY ? 239 - y : y) + 240 * z);
        map[node] = data[voxel] as number;
      }
  return map;
}

/** Makes the three sum to 1 in the brain and to 0 outside; in the file they sum to 0.4-1.9. */
function normalize(csf: Float32Array, gm: Float32Array, wm: Float32Array): void {
  for (let i = 0; i < csf.length; i++) {
    const sum = (csf[i] as number) + (gm[i] as number) + (wm[i] as number);
    const factor = sum > 0.5 ? 1 / sum : 0;
    csf[i] = (csf[i] as number) * factor;
    gm[i] = (gm[i] as number) * factor;
    wm[i] = (wm[i] as number) * factor;
  }
}
