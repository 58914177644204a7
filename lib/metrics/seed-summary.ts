/** Results of training with several seeds, as a cell of the study's tables has them. */
export interface SeedSummary {
  /** Seeds with a result. */
  readonly count: number;
  readonly mean: number;
  /** Of the population: divided by the number of seeds, as in the study's code; 0 with one seed. */
  readonly standardDeviation: number;
}

/** Mean and population standard deviation over seeds; NaN counts as missing, and both are NaN without any. */
export function summariseSeeds(values: ArrayLike<number>): SeedSummary {
  const numbers = Array.from(values).filter((value) => !Number.isNaN(value));
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  return { count: numbers.length, mean, standardDeviation: Math.sqrt(variance) };
}
