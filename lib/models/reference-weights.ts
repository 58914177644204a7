import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { toFloat32, type StoredTensor } from "../storage/safetensors";
import type { Params } from "./params";

/** For each variable's path, the name of the same parameter in a PyTorch reference implementation. */
export type NameMap = ReadonlyMap<string, string>;

/**
 * Loads a reference's parameters into a network: kernels [out, in, h, w] become [h, w, in, out], matrices
 * [out, in] (also [out, in, 1], a 1x1 convolution along one axis) become [in, out].
 *
 * @param names Covers every variable of the network.
 * @param tensors The reference's parameters by its own names.
 * @throws InputError naming the parameter that is missing, too many, or of another shape.
 */
export function loadReferenceWeights(
  params: Params,
  names: NameMap,
  tensors: ReadonlyMap<string, StoredTensor>,
): void {
  const unused = new Set(tensors.keys());
  for (const [path, variable] of params.variables) {
    const name = names.get(path);
    if (name === undefined) throw new Error(`no reference name for the variable ${path}`);
    const stored = tensors.get(name);
    if (stored === undefined) throw new InputError(name, "is missing among the weights");
    unused.delete(name);
    tf.tidy(() => {
      const tensor = fromTorchLayout(stored);
      if (!tf.util.arraysEqual(tensor.shape, variable.shape))
        throw new InputError(name, `has the shape [${stored.shape}], which does not fit [${variable.shape}]`);
      variable.assign(tensor);
    });
  }
  const [extra] = unused;
  if (extra !== undefined) throw new InputError(extra, "is not a parameter of this network");
}

function fromTorchLayout(stored: StoredTensor): tf.Tensor {
  const values = toFloat32(stored);
  const [out = 1, inner = 1, ...taps] = stored.shape;
  switch (stored.shape.length) {
    case 2:
      return tf.tensor2d(values, [out, inner]).transpose();
    case 3:
      return tf.tensor2d(values, [out, inner * (taps[0] ?? 1)]).transpose();
    case 4:
      return tf.tensor4d(values, stored.shape as [number, number, number, number]).transpose([2, 3, 1, 0]);
    default:
      return tf.tensor(values, [...stored.shape]);
  }
}
