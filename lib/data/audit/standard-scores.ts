import type { Voxels } from "../nifti-voxels";
/** Mean and standard deviation of some values. */
export interface MeanAndDeviation {
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and standard deviation inside a mask; a deviation of 1 where there is no spread. */
export function scoresInside(values: Voxels, mask: Uint8Array): MeanAndDeviation {
  let [count, sum] = [0, 0];
  for (let i = 0; i < values.length; i++)
    if (mask[i] === 1) {
      count++;
      sum += values[i] as number;
    }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (mask[i] === 1) squares += ((values[i] as number) - mean) ** 2;
  const deviation = count === 0 ? 1 : Math.sqrt(squares / count);
  return { mean, deviation: deviation > 0 ? deviation : 1 };
}
