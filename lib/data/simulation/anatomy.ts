import { existsSync } from "node:fs";
import { analyticHead } from "./analytic-head";
import { gaussianSmooth } from "./gaussian-smooth";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice } from "./lattice";
import { signedDistance } from "./signed-distance";
import { readSri24, sri24Folder } from "./sri24-atlas";
import { MIDLINE_MM, vesselDensity } from "./vessel-tree";

/** Probabilities of the three tissues on one lattice in the BraTS frame; their sum is 0 outside the brain. */
export interface TissueMaps {
  readonly lattice: Lattice;
  readonly csf: Float32Array;
  readonly gm: Float32Array;
  readonly wm: Float32Array;
}

/** The head that every subject is a deformation of. Its large arrays are shared between threads. */
export interface Anatomy {
  readonly kind: "sri24" | "analytic";
  readonly lattice: Lattice;
  /** CSF, grey matter, white matter and vessels as bytes 0-255 of one word, lowest byte first. */
  readonly packed: Uint32Array;
  /** Lattice of the coarse fields below. */
  readonly coarse: Lattice;
  /** Distance from the brain's surface, mm, positive inside. */
  readonly depthMm: Float32Array;
  /** How much of the neighbourhood is lateral or third ventricle, 0..1, smooth. */
  readonly ventricles: Float32Array;
}

/** CSF deeper than this belongs to the lateral or third ventricle. */
export const VENTRICLE_DEPTH_MM = 26;

/** The atlas's cortex is an average of 24 people; blurred further, a subject's own folding can form in it. */
const CORTEX_BLUR_MM = 1.3;
const CORTEX_DEPTH_MM = 22;

/** Where tissue is missing deeper than this, mm, the atlas has a hole. */
const HOLE_DEPTH_MM = 3;

/**
 * The SRI24 atlas where set-up has staged it, the analytic head elsewhere.
 *
 * @param kind Which of the two to insist on.
 * @throws InputError if the atlas is insisted on and absent, or damaged.
 */
export function loadAnatomy(kind?: Anatomy["kind"]): Anatomy {
  const useAtlas = kind === undefined ? existsSync(sri24Folder()) : kind === "sri24";
  return useAtlas ? buildAnatomy("sri24", readSri24()) : buildAnatomy("analytic", analyticHead());
}

/** Adds to tissue maps what subjects are made from: vessels, depth, ventricles, softened cortex. */
export function buildAnatomy(kind: Anatomy["kind"], maps: TissueMaps): Anatomy {
  const { lattice } = maps;
  const end = lattice.dims.map((n, axis) => (lattice.originMm[axis] ?? 0) + (n - 1) * lattice.spacingMm);
  const coarse = latticeOver(lattice.originMm, [end[0] ?? 0, end[1] ?? 0, end[2] ?? 0], 4);
  const depthMm = signedDistance(coarse, resample(maps, coarse, brainAt), 0.5);
  const deepCsf = resample(maps, coarse, ({ csf }, i) => csf[i] ?? 0).map((csf, i) =>
    (depthMm[i] ?? 0) > VENTRICLE_DEPTH_MM ? csf : 0,
  );
  const ventricles = gaussianSmooth(coarse, deepCsf, 5);
  const packed = pack(maps, coarse, depthMm);
  return { kind, lattice, packed, coarse, depthMm, ventricles };
}

/** Whether a point of the atlas, mm, lies in the cerebellum or the brain stem, or next to them. */
export function inPosteriorFossa(x: number, y: number, z: number): boolean {
  return (y > 134 && z < 58) || (Math.abs(x - MIDLINE_MM) < 22 && y > 98 && z < 56);
}

/** Distance of neighbouring folia, mm. */
const FOLIA_MM = 4.6;

/**
 * Share of CSF between the folia at a point of the cerebellum: sheets around its centre, which the average of
 * 24 people has blurred away.
 */
function foliaCsf(x: number, y: number, z: number): number {
  const radius = Math.hypot((x - MIDLINE_MM) * 0.55, (y - 136) * 1.1, (z - 46) * 1.2);
  const wave = Math.cos((2 * Math.PI * (radius + 1.2 * Math.sin(x / 7))) / FOLIA_MM);
  return 0.42 * Math.max(0, wave) ** 2;
}

function brainAt({ csf, gm, wm }: TissueMaps, node: number): number {
  return (csf[node] ?? 0) + (gm[node] ?? 0) + (wm[node] ?? 0);
}

/** A quantity of the maps at the nodes of a coarser lattice with the same origin (nearest node). */
function resample(
  maps: TissueMaps,
  coarse: Lattice,
  quantity: (maps: TissueMaps, node: number) => number,
): Float32Array {
  const ratio = coarse.spacingMm / maps.lattice.spacingMm;
  const [nx, ny, nz] = maps.lattice.dims;
  return Float32Array.from({ length: nodeCount(coarse) }, (_, i) => {
    const [cx, cy] = coarse.dims;
    const x = Math.min(nx - 1, Math.round((i % cx) * ratio));
    const y = Math.min(ny - 1, Math.round((Math.floor(i / cx) % cy) * ratio));
    const z = Math.min(nz - 1, Math.round(Math.floor(i / (cx * cy)) * ratio));
    return quantity(maps, x + nx * (y + ny * z));
  });
}

/** Softens the cortex, adds the vessels and packs the four quantities of a voxel into one word. */
function pack(maps: TissueMaps, coarse: Lattice, depthMm: Float32Array): Uint32Array {
  const { lattice, csf, gm, wm } = maps;
  const count = nodeCount(lattice);
  const soft = [csf, gm, wm].map((map) => gaussianSmooth(lattice, map, CORTEX_BLUR_MM));
  const [softCsf, softGm, softWm] = soft as [Float32Array, Float32Array, Float32Array];
  const vessels = vesselDensity(maps, coarse, depthMm);
  const packed = new Uint32Array(new SharedArrayBuffer(4 * count));
  for (let i = 0; i < count; i++) {
    if ((softCsf[i] as number) + (softGm[i] as number) + (softWm[i] as number) < 0.02) continue;
    const [x, y, z] = nodePosition(lattice, i);
    const depth = sampleField(coarse, depthMm, x, y, z);
    // The atlas has pinholes, which its neighbours fill.
    const total = (csf[i] as number) + (gm[i] as number) + (wm[i] as number);
    const hole = total < 0.5 && depth > HOLE_DEPTH_MM;
    const fill = hole ? 1 / ((softCsf[i] as number) + (softGm[i] as number) + (softWm[i] as number)) : 1;
    // All of it at the outer border, so that the brain's edge is a ramp; none in the deep nuclei.
    const share = hole || depth < 2 ? 1 : 0.5 * Math.min(1, Math.max(0, (CORTEX_DEPTH_MM - depth) / 6));
    const byte = (sharp: Float32Array, blurred: Float32Array): number => {
      const value = fill * ((sharp[i] as number) + share * ((blurred[i] as number) - (sharp[i] as number)));
      return Math.min(255, Math.max(0, Math.round(255 * value)));
    };
    const vessel = Math.min(255, Math.round(255 * (vessels[i] as number)));
    // Only grey matter between bone and nucleus has folia; the rest of the voxel stays as it is.
    const between = y > 134 && z < 58 ? foliaCsf(x, y, z) * (softGm[i] as number) ** 2 : 0;
    const parted = Math.round(255 * between);
    packed[i] =
      Math.min(255, byte(csf, softCsf) + parted) |
      (Math.max(0, byte(gm, softGm) - parted) << 8) |
      (byte(wm, softWm) << 16) |
      (vessel << 24);
  }
  return packed;
}
