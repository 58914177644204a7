import type { Features } from "./features";
import { nearestFeatures } from "./nearest-features";
import { quantile } from "./quantile";

/** Images that are as near to another one as hardly any two real slices are count as repeats. */
const QUANTILE = 0.01;

/**
 * Share of images that are no repeat of another image of the same set: their distance from the nearest other one
 * is at least the 1st percentile of that distance among real slices. 0.99 where images differ as real slices do,
 * neighbours in one head included; near 0 where a generator draws the same few images again and again.
 *
 * @param images Pixels or features of the synthetic images. @param real The same of about as many real slices.
 * @returns In [0, 1].
 * @throws RangeError if there are fewer than two images on either side, or the features do not fit each other.
 */
export function distinctShare(images: Features, real: Features): number {
  const threshold = quantile(nearestOther(real), QUANTILE);
  const own = nearestOther(images);
  return own.reduce((count, distance) => count + Number(distance >= threshold), 0) / own.length;
}

/** Distance of each image from the nearest other one. */
function nearestOther(images: Features): Float64Array {
  // The nearest of all is the image itself, or a twin: either way the second is another one.
  const { distance } = nearestFeatures(images, images, 2);
  return Float64Array.from({ length: images.count }, (_, i) => distance[2 * i + 1] as number);
}
