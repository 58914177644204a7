import type { ReferenceParameter } from "../weights/reference-weights";
import type { LayoutOf } from "../weights/torch-layout";

/** A variable's path and the same parameter in PyTorch. */
export type FrozenPair = readonly [path: string, reference: string | ReferenceParameter];

/** Depthwise kernels: [C, 1, h, w] there, [h, w, C, 1] here. */
const depthwiseKernel: LayoutOf = ([height = 0, width = 0, channels = 0]) => ({
  stored: [channels, 1, height, width],
  axes: [2, 3, 0, 1],
});

/** The parameters and running statistics of a convolution and the batch norm after it. */
export function frozenConvNames(path: string, conv: string, norm: string, depthwise = false): FrozenPair[] {
  const kernel = `${conv}.weight`;
  return [
    [`${path}/kernel`, depthwise ? { name: kernel, layout: depthwiseKernel } : kernel],
    [`${path}/gamma`, `${norm}.weight`],
    [`${path}/beta`, `${norm}.bias`],
    [`${path}/mean`, `${norm}.running_mean`],
    [`${path}/variance`, `${norm}.running_var`],
  ];
}

/** PyTorch counts the batches that a norm has seen; nothing is computed with that. */
export function withoutCounters<T>(weights: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...weights].filter(([name]) => !name.endsWith(".num_batches_tracked")));
}
