import { featureRows, type Features } from "./features";
import { matrix, transposed, type Matrix } from "./matrix";
import { rowProducts } from "./row-products";

/** Images whose products are summed at once. */
const BLOCK_ROWS = 2048;

/** The mean of each feature, [F]. @param positions Images, which may repeat; all of them by default. */
export function featureMean(features: Features, positions?: ArrayLike<number>): Float64Array {
  const { count, size, values } = features;
  const images = positions?.length ?? count;
  const mean = new Float64Array(size);
  for (let i = 0; i < images; i++) {
    const from = (positions === undefined ? i : (positions[i] as number)) * size;
    for (let j = 0; j < size; j++) mean[j] = (mean[j] as number) + (values[from + j] as number);
  }
  return mean.map((sum) => sum / images);
}

/** Images less the mean: [N, F]. */
export function centredRows(features: Features, mean: Float64Array, positions?: ArrayLike<number>): Matrix {
  const rows = featureRows(features, positions);
  const { values, columns } = rows;
  for (let i = 0; i < values.length; i += columns)
    for (let j = 0; j < columns; j++) values[i + j] = (values[i + j] as number) - (mean[j] as number);
  return rows;
}

/** The unbiased covariance of features, [F, F], summed over blocks of images. */
export function featureCovariance(
  features: Features,
  mean: Float64Array,
  positions?: ArrayLike<number>,
): Matrix {
  const { size } = features;
  const all = positions ?? Int32Array.from({ length: features.count }, (_, i) => i);
  const covariance = matrix(size, size);
  const sums = covariance.values;
  for (let first = 0; first < all.length; first += BLOCK_ROWS) {
    const block = Array.prototype.slice.call(all, first, first + BLOCK_ROWS) as number[];
    const columns = transposed(centredRows(features, mean, block)); // [F, block]
    const products = rowProducts(columns, columns).values;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (products[i] as number);
  }
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) / (all.length - 1);
  return covariance;
}
