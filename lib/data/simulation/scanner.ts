import type { Rng } from "../../backend/rng";
import type { Sequence } from "../../shape";
import type { Scan } from "./acquisition";
import { rowGeometry, voxelMm, type VoxelBox } from "./frame";
import { latticeOver, RowReader } from "./lattice";
import { drawMisregistration } from "./misregistration";
import { addMotionGhosts } from "./motion-ghosts";
import { NoiseSource } from "./noise-source";
import { noiseKept, resampleRigid } from "./rigid-resample";
import type { RowExtents } from "./row-extents";
import { smoothNoise } from "./smooth-noise";
import { averageSlices } from "./thick-slices";

/**
 * Standard deviation of the log of the receive field over the head: some 20 % from end to end, our choice (see Sled,
 * Zijdenbos, Evans 1998, IEEE TMI 17(1), for the field; BraTS is not corrected for it).
 */
export const BIAS_DEVIATION = 0.07;

/** Grey value of white matter in an average scan, and its spread over scans (log). */
export const GREY_OF_WHITE = 1100;
export const GREY_SPREAD = 0.6;

/** Largest value that a scan stores. */
const LARGEST_GREY = 16_000;

/**
 * What resampling to the atlas's grid takes from each voxel for each neighbour along an axis, on top of the blur of the
 * acquired matrix: linear interpolation half a voxel off takes a quarter and more.
 */
export const RESAMPLING_BLUR = 0.03;

/** What a scanner is given. */
export interface Subject {
  readonly box: VoxelBox;
  /** 1 in the brain; everything else becomes exactly 0. */
  readonly brain: Uint8Array;
  readonly extents: RowExtents;
}

/**
 * Scans an ideal image: receive field, noise, motion, thick slices, registration, gain.
 *
 * @param ideal Signal, 0 outside the brain; overwritten.
 * @param white Signal of white matter, which sets noise and gain.
 * @returns Grey values of the whole frame, at least 1 in the brain, 0 elsewhere.
 */
export function scanImage(
  rng: Rng,
  sequence: Sequence,
  { box, brain, extents }: Subject,
  ideal: Float32Array,
  scan: Scan,
  white: number,
): Int16Array {
  const thickness = Math.max(1, scan.sliceMm / box.frame.spacingMm);
  const misregistration = drawMisregistration(rng.fork("registration"), sequence);
  const blur = scan.blur + RESAMPLING_BLUR;
  // Thick slices average noise by the square root of their voxels, resampling averages it again.
  const kept = noiseKept(misregistration, blur) / Math.sqrt(thickness);
  acquire(rng, box, extents, ideal, white / scan.signalToNoise / kept);
  addMotionGhosts(rng.fork("motion"), box, extents, ideal);
  averageSlices(ideal, box.size, extents, scan.sliceAxis, thickness, rng.fork("phase").stream().uniform());
  resampleRigid(ideal, box, extents, misregistration, blur);
  const gain = (GREY_OF_WHITE * Math.exp(rng.fork("gain").stream().normal(0, GREY_SPREAD))) / white;
  return developed(box, brain, extents, ideal, gain);
}

/** Grey values of the whole frame: at least 1 in the brain, 0 elsewhere. */
function developed(
  { frame, start, size }: VoxelBox,
  brain: Uint8Array,
  { first, last }: RowExtents,
  image: Float32Array,
  gain: number,
): Int16Array {
  const [fx, fy, fz] = frame.shape;
  const [nx, ny] = size;
  const grey = new Int16Array(fx * fy * fz);
  for (let row = 0; row < first.length; row++) {
    const y = row % ny;
    const shift = start[0] + fx * (start[1] + y + fy * (start[2] + (row - y) / ny)) - nx * row;
    for (let i = nx * row + (first[row] as number); i <= nx * row + (last[row] as number); i++) {
      if (brain[i] === 0) continue;
      const value = ((image[i] as number) * gain + 0.5) | 0;
      grey[shift + i] = value < 1 ? 1 : value > LARGEST_GREY ? LARGEST_GREY : value;
    }
  }
  return grey;
}

/**
 * Receive field (coils see what is near them brighter) and noise of both channels of the receiver.
 *
 * @param sigma Standard deviation of the noise in each channel.
 */
function acquire(rng: Rng, box: VoxelBox, extents: RowExtents, image: Float32Array, sigma: number): void {
  const lattice = latticeOver([0, 0, 0], [240, 240, 160], 16);
  const field = smoothNoise(rng.fork("bias"), lattice, 70).map((value) => Math.exp(BIAS_DEVIATION * value));
  const reader = new RowReader(lattice, rowGeometry(box));
  const [nx, ny, nz] = box.size;
  const gains = new Float32Array(nx);
  const noise = new NoiseSource(rng.fork("noise"));
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const row = y + ny * z;
      const end = extents.last[row] as number;
      if (end < 0) continue;
      reader.read(field, voxelMm(box.frame, box.start[1] + y), voxelMm(box.frame, box.start[2] + z), gains);
      for (let x = extents.first[row] as number; x <= end; x++) {
        const i = nx * row + x;
        const signal = (image[i] as number) * (gains[x] as number);
        image[i] = rician(noise, signal, sigma);
      }
    }
}

/** Signal over noise from which on the second channel only adds its mean square. */
const CLEAR_SIGNAL = 4;

/** Magnitude of a signal with noise in both channels (Gudbjartsson and Patz 1995, MRM 34(6)). */
function rician(noise: NoiseSource, signal: number, sigma: number): number {
  const real = signal + sigma * noise.normal();
  if (signal > CLEAR_SIGNAL * sigma) return real + (sigma * sigma) / (2 * signal);
  const imaginary = sigma * noise.normal();
  return Math.sqrt(real * real + imaginary * imaginary);
}
