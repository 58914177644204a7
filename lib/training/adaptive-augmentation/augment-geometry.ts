import * as tf from "../../backend/tf";
import type { AugmentConfig } from "./augment-config";
import { matrices, type AugmentDraws } from "./augment-draws";

/** Transforms of the plane in pixels from the middle, x to the right and y down, each [N, 3, 3]. */
type Plane = tf.Tensor3D;

/**
 * Where each place of the changed image comes from: the inverses of flip, quarter turns, shift by whole pixels,
 * scale, rotation, anisotropic scale, rotation again and shift, in the reference's order.
 *
 * @param size Height and width of the images in pixels.
 * @returns [N, 3, 3].
 */
export function inverseTransforms(
  config: AugmentConfig,
  draws: AugmentDraws,
  samples: number,
  size: number,
): tf.Tensor3D {
  return tf.tidy(() => {
    const parts = [...blitting(config, draws, samples, size), ...general(config, draws, samples, size)];
    const identity = matrices(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      samples,
    );
    return parts.reduce((product, part) => tf.matMul(product, part), identity);
  });
}

/** Changes that only move pixels. */
function blitting(config: AugmentConfig, draws: AugmentDraws, samples: number, size: number): Plane[] {
  const parts: Plane[] = [];
  if (config.flip > 0) {
    const flips = draws.uniform("flip", 0, 2).floor<tf.Tensor1D>();
    const side = draws.sometimes("flip", config.flip, flips, 0).mul(-2).add<tf.Tensor1D>(1); // 1 or -1
    parts.push(scaling(side, 1, samples));
  }
  if (config.quarterTurns > 0) {
    const turns = draws.uniform("quarterTurns", 0, 4).floor<tf.Tensor1D>();
    const angle = draws
      .sometimes("quarterTurns", config.quarterTurns, turns, 0)
      .mul<tf.Tensor1D>(Math.PI / 2);
    parts.push(rotation(angle, samples));
  }
  if (config.wholeShift > 0) {
    const most = config.wholeShiftMax * size;
    const [x, y] = ["x", "y"].map((axis) => {
      const pixels = draws.uniform(`wholeShift/${axis}`, -most, most).round<tf.Tensor1D>();
      return draws.sometimes("wholeShift", config.wholeShift, pixels, 0).neg<tf.Tensor1D>();
    });
    parts.push(shift(x ?? 0, y ?? 0, samples));
  }
  return parts;
}

/** Changes that need interpolation. */
function general(config: AugmentConfig, draws: AugmentDraws, samples: number, size: number): Plane[] {
  const parts: Plane[] = [];
  if (config.scale > 0) {
    const scale = draws.logNormal("scale", config.scaleDeviation);
    const inverse = draws.sometimes("scale", config.scale, scale, 1).reciprocal<tf.Tensor1D>();
    parts.push(scaling(inverse, inverse, samples));
  }
  // Before or after the anisotropic scale, so that either happens with the probability p.
  const turned = (name: string): Plane[] => {
    if (config.rotation === 0) return [];
    const neither = tf.sub(1, draws.p.mul(config.rotation)).clipByValue(0, 1);
    const angle = draws.uniform(name, -Math.PI, Math.PI);
    return [rotation(draws.sometimes(name, tf.sub<tf.Scalar>(1, neither.sqrt()), angle, 0), samples)];
  };
  parts.push(...turned("rotation/before"));
  if (config.stretch > 0) {
    const stretch = draws.logNormal("stretch", config.stretchDeviation);
    const factor = draws.sometimes("stretch", config.stretch, stretch, 1);
    parts.push(scaling(factor.reciprocal(), factor, samples));
  }
  parts.push(...turned("rotation/after"));
  if (config.shift > 0) {
    const [x, y] = ["x", "y"].map((axis) => {
      const pixels = draws.normal(`shift/${axis}`, config.shiftDeviation * size);
      return draws.sometimes("shift", config.shift, pixels, 0).neg<tf.Tensor1D>();
    });
    parts.push(shift(x ?? 0, y ?? 0, samples));
  }
  return parts;
}

function scaling(x: tf.Tensor1D | number, y: tf.Tensor1D | number, samples: number): Plane {
  return matrices(
    [
      [x, 0, 0],
      [0, y, 0],
      [0, 0, 1],
    ],
    samples,
  );
}

function shift(x: tf.Tensor1D | number, y: tf.Tensor1D | number, samples: number): Plane {
  return matrices(
    [
      [1, 0, x],
      [0, 1, y],
      [0, 0, 1],
    ],
    samples,
  );
}

function rotation(angle: tf.Tensor1D, samples: number): Plane {
  const [cos, sin] = [angle.cos<tf.Tensor1D>(), angle.sin<tf.Tensor1D>()];
  return matrices(
    [
      [cos, sin.neg(), 0],
      [sin, cos, 0],
      [0, 0, 1],
    ],
    samples,
  );
}
