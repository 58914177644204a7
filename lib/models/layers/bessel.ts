/** Bessel functions that filter designs need, to the precision of float64. */

/** Modified Bessel function of the first kind of order 0, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * Bessel function of the first kind of order 1: the mean of cos(t - x sin t) over half a turn. The integrand
 * is periodic, so equally spaced points converge faster than any power of their number.
 */
export function besselJ1(x: number): number {
  const points = 32 + 2 * Math.ceil(Math.abs(x));
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const t = (2 * Math.PI * (i + 0.5)) / points;
    sum += Math.cos(t - x * Math.sin(t));
  }
  return sum / points;
}
