import type { Rng } from "../../backend/rng";
import type { Scan } from "./acquisition";
import { rowGeometry, voxelMm, voxelCount, type VoxelBox } from "./frame";
import { latticeOver, RowReader } from "./lattice";
import { NoiseSource } from "./noise-source";
import { smoothNoise } from "./smooth-noise";
import { averageSlices } from "./thick-slices";

/** Standard deviation of the log of the receive field. */
const BIAS_DEVIATION = 0.07;

/** Grey value of white matter in an average scan, and its spread over scans (log). */
const GREY_OF_WHITE = 1100;
const GREY_SPREAD = 0.6;

/** Largest value that a scan stores. */
const LARGEST_GREY = 16_000;

/**
 * Scans an ideal image: receive field, noise, thick slices, gain.
 *
 * @param ideal Signal, 0 outside the brain; overwritten.
 * @param brain 1 in the brain; everything else becomes exactly 0.
 * @param white Signal of white matter, which sets noise and gain.
 * @returns Grey values, at least 1 in the brain.
 */
export function scanImage(
  rng: Rng,
  box: VoxelBox,
  ideal: Float32Array,
  brain: Uint8Array,
  scan: Scan,
  white: number,
): Int16Array {
  applyReceiveField(rng.fork("bias"), box, ideal, brain);
  const thickness = Math.max(1, scan.sliceMm / box.frame.spacingMm);
  // Averaging over a thick slice lowers the noise again by the square root of its voxels.
  const sigma = (white / scan.signalToNoise) * Math.sqrt(thickness);
  addRicianNoise(rng.fork("noise"), ideal, brain, sigma);
  const phase = rng.fork("phase").stream().uniform();
  averageSlices(ideal, box.size, scan.sliceAxis, thickness, phase);
  const gain = (GREY_OF_WHITE * Math.exp(rng.fork("gain").stream().normal(0, GREY_SPREAD))) / white;
  const grey = new Int16Array(voxelCount(box));
  for (let i = 0; i < grey.length; i++) {
    if (brain[i] === 0) continue;
    const value = Math.round((ideal[i] as number) * gain);
    grey[i] = value < 1 ? 1 : value > LARGEST_GREY ? LARGEST_GREY : value;
  }
  return grey;
}

/** Multiplies by a smooth field: surface coils see what is near them brighter. */
function applyReceiveField(rng: Rng, box: VoxelBox, image: Float32Array, brain: Uint8Array): void {
  const lattice = latticeOver([0, 0, 0], [240, 240, 160], 16);
  const field = smoothNoise(rng, lattice, 70).map((value) => Math.exp(BIAS_DEVIATION * value));
  const reader = new RowReader(lattice, rowGeometry(box));
  const row = new Float32Array(box.size[0]);
  for (let z = 0; z < box.size[2]; z++)
    for (let y = 0; y < box.size[1]; y++) {
      const base = box.size[0] * (y + box.size[1] * z);
      if (!brain.subarray(base, base + row.length).includes(1)) continue;
      reader.read(field, voxelMm(box.frame, box.start[1] + y), voxelMm(box.frame, box.start[2] + z), row);
      for (let x = 0; x < row.length; x++) image[base + x] = (image[base + x] as number) * (row[x] as number);
    }
}

/** Magnitude of a complex image with noise in both channels (Gudbjartsson and Patz 1995, MRM 34(6)). */
function addRicianNoise(rng: Rng, image: Float32Array, brain: Uint8Array, sigma: number): void {
  const noise = new NoiseSource(rng);
  for (let i = 0; i < image.length; i++) {
    if (brain[i] === 0) continue;
    const real = (image[i] as number) + sigma * noise.normal();
    const imaginary = sigma * noise.normal();
    image[i] = Math.sqrt(real * real + imaginary * imaginary);
  }
}
