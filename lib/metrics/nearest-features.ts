import { featureRows, requireComparable, type Features } from "./features";
import { overSquaredDistances } from "./neighbourhoods";

/** The nearest references of each query, in features. */
export interface NearestFeatures {
  /** Neighbours of a query, k. */
  readonly neighbours: number;
  /** Positions of the references, nearest first, [N, k]. */
  readonly index: Int32Array;
  /** Their Euclidean distances, [N, k]. */
  readonly distance: Float64Array;
}

/**
 * Finds the nearest references of each query by comparing it with every one.
 *
 * @param k Neighbours wanted.
 * @throws RangeError if there are fewer references than that, or the features do not fit each other.
 */
export function nearestFeatures(queries: Features, references: Features, k = 1): NearestFeatures {
  requireComparable(references, queries, 1);
  if (!Number.isInteger(k) || k < 1 || k > references.count)
    throw new RangeError(`${k} of ${references.count} references`);
  const index = new Int32Array(queries.count * k).fill(-1);
  const squared = new Float64Array(queries.count * k).fill(Infinity);
  overSquaredDistances(featureRows(queries), featureRows(references), (i, j, distance) => {
    let at = (i + 1) * k - 1;
    if (distance >= (squared[at] as number)) return;
    for (; at > i * k && distance < (squared[at - 1] as number); at--) {
      squared[at] = squared[at - 1] as number;
      index[at] = index[at - 1] as number;
    }
    squared[at] = distance;
    index[at] = j;
  });
  return { neighbours: k, index, distance: squared.map(Math.sqrt) };
}
