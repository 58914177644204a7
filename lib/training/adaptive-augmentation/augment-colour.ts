import * as tf from "../../backend/tf";
import type { AugmentConfig } from "./augment-config";
import type { AugmentDraws } from "./augment-draws";

/** What happens to the channels of each pixel: x M + b. */
export interface ColourChange {
  /** [N, C, C], from the right. */
  readonly matrix: tf.Tensor3D;
  /** [N, 1, C]. */
  readonly offset: tf.Tensor3D;
}

/**
 * Brightness, contrast, luma flip, hue and saturation of images with any number of channels: the luma axis is
 * the direction in which all channels are equal, and hue is turned in a random plane at right angles to it,
 * which for three channels is the only one there is.
 */
export function colourChange(
  config: AugmentConfig,
  draws: AugmentDraws,
  samples: number,
  channels: number,
): ColourChange {
  return tf.tidy(() => {
    const luma = tf.fill<tf.Rank.R2>([channels, channels], 1 / channels); // v v'
    const identity = tf.eye(channels);
    const other = identity.sub<tf.Tensor2D>(luma);
    let matrix: tf.Tensor = identity.expandDims(0).tile([samples, 1, 1]);
    let offset: tf.Tensor = tf.zeros([samples, 1, channels]);
    if (config.brightness > 0) {
      const added = draws.normal("brightness", config.brightnessDeviation);
      offset = offset.add(perSample(draws.sometimes("brightness", config.brightness, added, 0)));
    }
    if (config.contrast > 0) {
      const factor = draws.logNormal("contrast", config.contrastDeviation);
      const scale = perSample(draws.sometimes("contrast", config.contrast, factor, 1));
      [matrix, offset] = [matrix.mul(scale), offset.mul(scale)];
    }
    for (const next of lumaChanges(config, draws, { luma, other, identity }, channels))
      [matrix, offset] = [tf.matMul(matrix, next), tf.matMul(offset, next)];
    return { matrix: matrix as tf.Tensor3D, offset: offset as tf.Tensor3D };
  });
}

interface LumaSpaces {
  /** Projection on the luma axis. */
  readonly luma: tf.Tensor2D;
  /** Projection at right angles to it. */
  readonly other: tf.Tensor2D;
  readonly identity: tf.Tensor2D;
}

/** Changes that treat luma and the rest apart, each [N, C, C]. */
function lumaChanges(
  config: AugmentConfig,
  draws: AugmentDraws,
  { luma, other, identity }: LumaSpaces,
  channels: number,
): tf.Tensor[] {
  const changes: tf.Tensor[] = [];
  if (config.lumaFlip > 0) {
    const flips = draws.uniform("lumaFlip", 0, 2).floor<tf.Tensor1D>();
    const flip = perSample(draws.sometimes("lumaFlip", config.lumaFlip, flips, 0));
    changes.push(identity.sub(luma.mul(flip).mul(2)));
  }
  if (config.hue > 0 && channels > 2) {
    const angle = draws.uniform("hue", -Math.PI, Math.PI);
    changes.push(turnInRandomPlane(draws, draws.sometimes("hue", config.hue, angle, 0), other, identity));
  }
  if (config.saturation > 0 && channels > 1) {
    const factor = draws.logNormal("saturation", config.saturationDeviation);
    const scale = perSample(draws.sometimes("saturation", config.saturation, factor, 1));
    changes.push(luma.add(other.mul(scale)));
  }
  return changes;
}

/**
 * A rotation by an angle in a random plane of a space: with orthonormal a and b in the plane,
 * 1 + (cos - 1)(a a' + b b') + sin (a b' - b a').
 *
 * @param space Projection on the space, [C, C].
 */
function turnInRandomPlane(
  draws: AugmentDraws,
  angle: tf.Tensor1D,
  space: tf.Tensor2D,
  identity: tf.Tensor2D,
): tf.Tensor {
  const channels = identity.shape[0];
  const a = unit(draws.vectors("hue/first", channels).matMul(space)); // [N, C]
  const second = draws.vectors("hue/second", channels).matMul<tf.Tensor2D>(space);
  const b = unit(second.sub(a.mul(second.mul(a).sum(1, true))));
  const outer = (x: tf.Tensor, y: tf.Tensor) => x.expandDims(2).mul(y.expandDims(1)); // [N, C, C]
  const flat = outer(a, a)
    .add(outer(b, b))
    .mul(perSample(angle.cos().sub(1)));
  return identity.add(flat).add(outer(a, b).sub(outer(b, a)).mul(perSample(angle.sin())));
}

function unit(vectors: tf.Tensor): tf.Tensor {
  return vectors.div(vectors.norm("euclidean", 1, true));
}

function perSample(values: tf.Tensor): tf.Tensor {
  return values.reshape([-1, 1, 1]);
}
