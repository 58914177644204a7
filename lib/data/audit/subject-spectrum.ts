import type { Voxels } from "../nifti-voxels";
import type { AuditVolumes } from "./audit-volumes";
import { radialPower } from "./radial-spectrum";
import type { MeanAndDeviation } from "./standard-scores";

/** Slices that a spectrum is the mean of, at levels where the brain fills at least this share of its largest area. */
const SPECTRUM_SLICES = 9;
const SPECTRUM_AREA = 0.6;

/**
 * Mean power of a subject's axial slices by spatial frequency, after standard scores in the brain.
 *
 * @param values The sequence, length V.
 * @param side Of the square around the brain that is looked at, a power of two.
 * @returns [side / 2], see radialPower; null where no slice shows brain.
 */
export function subjectSpectrum(
  volumes: AuditVolumes,
  values: Voxels,
  { mean, deviation }: MeanAndDeviation,
  side: number,
): number[] | null {
  const levels = fullLevels(volumes);
  if (levels.length === 0) return null;
  const total = new Float64Array(side / 2);
  for (const level of levels) {
    const image = centredSquare(volumes, values, level, side, (value) => (value - mean) / deviation);
    radialPower(image, side).forEach((power, i) => (total[i] = (total[i] as number) + power));
  }
  return Array.from(total, (power) => Number((power / levels.length).toPrecision(6)));
}

/** Up to nine evenly spaced levels of the head at which the brain is wide. */
function fullLevels({ shape, brain }: AuditVolumes): readonly number[] {
  const area = shape[0] * shape[1];
  const filled = Array.from({ length: shape[2] }, (_, k) =>
    brain.subarray(k * area, (k + 1) * area).reduce((sum, inside) => sum + inside, 0),
  );
  const enough = SPECTRUM_AREA * Math.max(...filled);
  const wide = filled.flatMap((count, k) => (count > 0 && count >= enough ? [k] : []));
  const count = Math.min(SPECTRUM_SLICES, wide.length);
  return Array.from({ length: count }, (_, i) => wide[Math.floor(((i + 0.5) * wide.length) / count)] ?? 0);
}

/** A square of one slice around the middle of its brain, 0 outside the brain. */
function centredSquare(
  { shape, brain }: AuditVolumes,
  values: Voxels,
  level: number,
  side: number,
  score: (value: number) => number,
): Float32Array {
  const [sizeX, sizeY] = shape;
  const start = level * sizeX * sizeY;
  let [count, sumX, sumY] = [0, 0, 0];
  for (let at = 0; at < sizeX * sizeY; at++)
    if (brain[start + at] === 1) {
      count++;
      sumX += at % sizeX;
      sumY += Math.floor(at / sizeX);
    }
  const left = Math.max(0, Math.min(sizeX - side, Math.round(sumX / count - side / 2)));
  const top = Math.max(0, Math.min(sizeY - side, Math.round(sumY / count - side / 2)));
  const image = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const from = start + (top + y) * sizeX + left + x;
      if (brain[from] === 1) image[y * side + x] = score(values[from] as number);
    }
  return image;
}
