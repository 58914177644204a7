import * as tf from "../backend/tf";
import type { NamedFeatures } from "../metrics/image-quality";
import type { Probabilities } from "../metrics/inception-score";
import type { SliceReader } from "../training/segmentation/segmentation-slices";

/** A network that turns slices into features, in which sets of images are compared. */
export interface FeatureExtractor {
  /** As results name it, with what it looks at: `EfficientNet-Lite0 (ImageNet), t1wGd`. */
  readonly name: string;
  /** Features of a slice, F. */
  readonly size: number;
  /** Whether distances in these features may be called FID and KID, and the score of its classes Inception score. */
  readonly canonical: boolean;
  /** @param indices Slices, N of them. @returns [N, F]. */
  features(slices: SliceReader, indices: ArrayLike<number>): tf.Tensor2D;
  /** Class probabilities, [N, K], where the network is a classifier. @param features [N, F]. */
  readonly probabilities?: (features: tf.Tensor2D) => tf.Tensor2D;
  /** Frees the network. */
  dispose(): void;
}

const BATCH_SIZE = 16;

/** Runs an extractor over slices, a batch at a time. @param positions Which; all of them by default. */
export function extractFeatures(
  extractor: FeatureExtractor,
  slices: SliceReader,
  positions: ArrayLike<number> = Int32Array.from({ length: slices.count }, (_, i) => i),
): NamedFeatures {
  const { name, size, canonical } = extractor;
  const count = positions.length;
  const values = new Float32Array(count * size);
  let probabilities: Probabilities | undefined;
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const present = Math.min(BATCH_SIZE, count - first);
    // The last batch is filled up, for the graphs of networks are made for one size.
    const indices = Array.from(
      { length: Math.min(BATCH_SIZE, count) },
      (_, i) => positions[first + Math.min(i, present - 1)] as number,
    );
    const [features, classes] = tf.tidy(() => {
      const found = extractor.features(slices, indices).slice([0, 0], [present, size]);
      return [found, extractor.probabilities?.(found)];
    });
    values.set(features.dataSync(), first * size);
    if (classes !== undefined) {
      const width = classes.shape[1];
      probabilities ??= { count, classes: width, values: new Float32Array(count * width) };
      probabilities.values.set(classes.dataSync(), first * width);
    }
    tf.dispose([features, classes]);
  }
  return { count, size, values, extractor: name, canonical, probabilities };
}
