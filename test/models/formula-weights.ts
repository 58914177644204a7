import * as tf from "../../lib/backend/tf";
import type { Params } from "../../lib/models/params";
import {
  loadReferenceWeights,
  type NameMap,
  toReferenceWeights,
} from "../../lib/models/weights/reference-weights";
import { fromFloat32 } from "../../lib/storage/safetensors";

/**
 * Fills a network with weights that another implementation can make as well: value i of a parameter is
 * s = sin(1 + 0.37 i + 0.11 length of its name), in PyTorch's order; kernels s sqrt(6 / fan in), slopes of norms
 * 1 + s / 10, their shifts and means s / 10, their variances 1 + s / 5.
 */
export function loadFormulaWeights(params: Params, names: NameMap): void {
  const weights = new Map(
    [...toReferenceWeights(params, names)].map(([name, { shape }]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const wave = (i: number): number => Math.sin(1 + 0.37 * i + 0.11 * name.length);
      const fanIn = count / (shape[0] ?? 1);
      const values = Float32Array.from({ length: count }, (_, i) => {
        if (shape.length > 1) return wave(i) * Math.sqrt(6 / fanIn);
        if (name.endsWith(".weight")) return 1 + 0.1 * wave(i);
        return name.endsWith(".running_var") ? 1 + 0.2 * wave(i) : 0.1 * wave(i);
      });
      return [name, fromFloat32(values, shape)] as const;
    }),
  );
  loadReferenceWeights(params, names, weights);
}

/** An image of waves: channel k is sin(0.2 x + 0.13 (k + 1) y + k), [1, side, side, 3]. */
export function waves(side: number): tf.Tensor4D {
  const values = Float32Array.from({ length: side * side * 3 }, (_, i) => {
    const [k, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / (3 * side))];
    return Math.sin(0.2 * x + 0.13 * y * (k + 1) + k);
  });
  return tf.tensor4d(values, [1, side, side, 3]);
}
