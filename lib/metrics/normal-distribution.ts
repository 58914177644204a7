/** Below this the error function is summed as a series, above it its complement as a continued fraction. */
const SERIES_BELOW = 2.5;

/**
 * Probability that a standard normal number is above z, to double precision also in the far tail.
 */
export function normalUpperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const tail = (x < SERIES_BELOW ? 1 - erfSeries(x) : erfcFraction(x)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/**
 * The value that a standard normal number stays below with a probability.
 *
 * @param probability In (0, 1).
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`probability ${probability} is not in (0, 1)`);
  // The upper tail alone, where the tail keeps its digits.
  if (probability < 0.5) return -normalQuantile(1 - probability);
  const tail = 1 - probability;
  let z = 0;
  for (let step = 0; step < 100; step++) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const newton = (normalUpperTail(z) - tail) / density;
    z += newton / (1 + (z * newton) / 2); // Halley's step
    if (Math.abs(newton) < 1e-15 * Math.max(1, z)) break;
  }
  return z;
}

/** erf(x) = 2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)). */
function erfSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

/** erfc(x) = exp(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / (x + ...)))). */
function erfcFraction(x: number): number {
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
