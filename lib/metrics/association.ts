import { DEFAULT_LEVEL, type Interval } from "./bootstrap";
import { pearson } from "./correlation";
import { normalQuantile, normalUpperTail } from "./normal-distribution";
import { rank } from "./ranks";

/** Pairs up to which every order of one side is tried: 9! = 362,880. */
const PERMUTED_UP_TO = 9;

/** A correlation of few pairs, such as of FID with Dice over generators. */
export interface Association {
  readonly count: number;
  /** The coefficient in [-1, 1] with its interval; NaN where one side is constant. */
  readonly r: Interval;
  /** Two-sided; of all orders of one side up to nine pairs, of Fisher's z above. */
  readonly pValue: number;
}

export interface AssociationOptions {
  /** Level of the interval; default 0.95. */
  readonly level?: number;
}

/**
 * Pearson's correlation with Fisher's interval. With three pairs or fewer the interval is [-1, 1]: they say
 * nothing about its width.
 *
 * @throws RangeError if the two sides are not of the same number.
 */
export function linearAssociation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { level = DEFAULT_LEVEL }: AssociationOptions = {},
): Association {
  const r = pearson(x, y);
  return { count: x.length, r: fisherInterval(r, x.length, 1, level), pValue: pValue(x, y, r, 1) };
}

/**
 * Spearman's rank correlation, ties sharing their mean rank, with an interval fit for small samples.
 *
 * @throws RangeError if the two sides are not of the same number.
 * @see Bonett and Wright 2000, Psychometrika 65(1): variance of Fisher's z (1 + r^2 / 2) / (n - 3).
 */
export function rankAssociation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { level = DEFAULT_LEVEL }: AssociationOptions = {},
): Association {
  const [a, b] = [rank(x).ranks, rank(y).ranks];
  const r = pearson(a, b);
  const inflation = 1 + (r * r) / 2;
  return {
    count: x.length,
    r: fisherInterval(r, x.length, inflation, level),
    pValue: pValue(a, b, r, inflation),
  };
}

function fisherInterval(r: number, n: number, inflation: number, level: number): Interval {
  if (Number.isNaN(r)) return { estimate: r, low: r, high: r };
  if (n <= 3) return { estimate: r, low: -1, high: 1 };
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(inflation / (n - 3));
  const z = Math.atanh(r);
  return { estimate: r, low: Math.tanh(z - reach), high: Math.tanh(z + reach) };
}

function pValue(x: ArrayLike<number>, y: ArrayLike<number>, r: number, inflation: number): number {
  if (Number.isNaN(r)) return Number.NaN;
  if (x.length <= PERMUTED_UP_TO) return shareAsFar(x, y);
  return 2 * normalUpperTail(Math.abs(Math.atanh(r)) / Math.sqrt(inflation / (x.length - 3)));
}

/** Twice the share of all orders of y whose correlation with x is as far on the same side. */
function shareAsFar(x: ArrayLike<number>, y: ArrayLike<number>): number {
  // Only the sum of products depends on the order.
  const n = x.length;
  const centre = (values: ArrayLike<number>): number[] => {
    const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / n;
    return Array.from(values, (value) => value - mean);
  };
  const [a, b] = [centre(x), centre(y)];
  const product = (): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  // Rounding must not hide orders that are as far.
  const side = Math.sign(product());
  const bound = side * product() * (1 - 1e-12);
  let [orders, asFar] = [0, 0];
  const permute = (length: number): void => {
    if (length <= 1) {
      orders++;
      if (side * product() >= bound) asFar++;
      return;
    }
    // Heap's algorithm: each order differs from the one before by one exchange.
    for (let i = 0; i < length; i++) {
      permute(length - 1);
      const j = length % 2 === 0 ? i : 0;
      [b[j], b[length - 1]] = [b[length - 1] as number, b[j] as number];
    }
  };
  permute(n);
  return Math.min(1, (2 * asFar) / orders);
}
