import type { Features } from "./features";
import { nearestFeatures } from "./nearest-features";
import { quantile } from "./quantile";

/** Training images that a distance is held against. */
const NEIGHBOURS = 50;

/**
 * Distance-ratio test for copies: how far each image is from its nearest training image, over the mean of its
 * distances from the nearest fifty. About 1 where it is as near to one as to others, small where it lies on one
 * of them, whatever the density of the training images there.
 *
 * @returns In [0, 1], [N]; 1 where all of the nearest are copies of one another.
 * @throws RangeError if the features do not fit each other, or there is no training image.
 * @see Carlini et al. 2023, arXiv 2301.13188, section 4.2.
 */
export function copyRatios(images: Features, training: Features, neighbours = NEIGHBOURS): Float64Array {
  const k = Math.min(neighbours, training.count);
  const { distance } = nearestFeatures(images, training, k);
  return Float64Array.from({ length: images.count }, (_, i) => {
    const nearest = distance.subarray(i * k, (i + 1) * k);
    const mean = nearest.reduce((sum, value) => sum + value, 0) / k;
    return mean === 0 ? 1 : (nearest[0] as number) / mean;
  });
}

/** Share of held-out slices that the test calls copies: none of them is one. */
const FALSE_COPIES = 0.01;

/**
 * The ratio below which the test calls an image a copy: only one in a hundred of the held-out slices has a smaller one.
 *
 * @throws RangeError as `copyRatios`.
 */
export function copyThreshold(heldOut: Features, training: Features): number {
  return quantile(copyRatios(heldOut, training), FALSE_COPIES);
}

/**
 * Share of images that the distance-ratio test calls copies.
 *
 * @param threshold That of `copyThreshold` for the same training images.
 * @throws RangeError as `copyRatios`.
 */
export function copyShare(images: Features, training: Features, threshold: number): number {
  return copyRatios(images, training).filter((ratio) => ratio < threshold).length / images.count;
}
