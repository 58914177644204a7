import * as tf from "../backend/tf";
import { toFloat32, type StoredTensor } from "../storage/safetensors";
import type { Params } from "./params";
import type { UNetConfig } from "./unet";

/**
 * Puts the weights of the study's PyTorch U-Net into ours.
 *
 * @param params The network's parameters.
 * @param weights Tensors by the reference's names (`down_path.0.block.0.weight`), kernels [K, C, k, k].
 * @throws Error if a tensor is missing or of another shape.
 */
export function importUnetWeights(
  params: Params,
  config: UNetConfig,
  weights: ReadonlyMap<string, StoredTensor>,
): void {
  for (const [path, variable] of params.variables) {
    const name = referenceName(path, config);
    const stored = weights.get(name);
    if (stored === undefined) throw new Error(`the reference weights have no ${name}`);
    tf.tidy(() => {
      const tensor = tf.tensor(toFloat32(stored), [...stored.shape]);
      const value = tensor.rank === 4 ? tensor.transpose([2, 3, 1, 0]) : tensor; // [K, C, k, k] -> [k, k, C, K]
      if (value.shape.join() !== variable.shape.join())
        throw new Error(
          `${name} has the shape ${stored.shape.join("x")}, ${path} ${variable.shape.join("x")}`,
        );
      variable.assign(value);
    });
  }
}

/** The reference's name of one of our variables: `up1/block/norm0/gamma` -> `up_path.1.conv_block.block.2.weight`. */
export function referenceName(path: string, { depth }: UNetConfig): string {
  const parts = path.split("/");
  const leaf =
    parts[parts.length - 1] === "kernel" || parts[parts.length - 1] === "gamma" ? "weight" : "bias";
  const [, kind = "", index = ""] = /^(down|up|head)(\d+)$/.exec(parts[0] ?? "") ?? [];
  // A block's list of layers is conv, rectifier, norm, conv, rectifier, norm.
  const [, layer, position] = /^(conv|norm)([01])$/.exec(parts[parts.length - 2] ?? "") ?? [];
  const place = 3 * Number(position ?? 0) + (layer === "norm" ? 2 : 0);
  if (kind === "down") return `down_path.${index}.block.${place}.${leaf}`;
  // All heads but the last are followed by an enlargement, which makes them the first of a list.
  if (kind === "head") return `output_layers.${index}.${Number(index) < depth - 2 ? "0." : ""}${leaf}`;
  return parts[1] === "conv"
    ? `up_path.${index}.up.1.${leaf}`
    : `up_path.${index}.conv_block.block.${place}.${leaf}`;
}
