import * as tf from "../../backend/tf";
import { broadcast } from "./broadcast";

/** Under the root, as in the reference implementations. */
const EPSILON = 1e-8;

/** How a discriminator sees the variety of its batch. */
export interface MinibatchStddevConfig {
  /** Samples compared with each other; the whole batch where it is smaller. 1 leaves the layer out. */
  readonly groupSize: number;
  /** Maps of the deviation that are added; divides the channels. */
  readonly channels: number;
}

/**
 * Adds channels that hold the mean standard deviation over a group of samples. Sample n belongs to group
 * n mod (N / group size), as in the references.
 *
 * @param x [N, H, W, C]; N is a multiple of the group size or smaller.
 * @returns [N, H, W, C + channels].
 * @see Karras et al. 2018, arXiv 1710.10196, section 3.
 */
export function minibatchStddev(x: tf.Tensor4D, config: MinibatchStddevConfig): tf.Tensor4D {
  const [samples, height, width, inChannels] = x.shape;
  if (config.groupSize <= 1) return x;
  const size = Math.min(config.groupSize, samples);
  if (samples % size !== 0)
    throw new RangeError(`a batch of ${samples} does not divide into groups of ${size}`);
  const groups = samples / size;
  const { channels } = config;
  return tf.tidy(() => {
    const y = x.reshape([size, groups * height * width * inChannels]);
    const centred = y.sub(y.mean(0));
    const deviation = centred.square().mean(0).add(EPSILON).sqrt();
    const mean = deviation.reshape([groups, height * width, channels, inChannels / channels]).mean([1, 3]); // [groups, channels]
    const map = broadcast<tf.Rank.R5>(mean.reshape([1, groups, 1, 1, channels]), [
      size,
      groups,
      height,
      width,
      channels,
    ]);
    return tf.concat4d([x, map.reshape<tf.Tensor4D>([samples, height, width, channels])], 3);
  });
}

/** Channels that the layer adds. */
export function minibatchStddevChannels(config: MinibatchStddevConfig): number {
  return config.groupSize > 1 ? config.channels : 0;
}
