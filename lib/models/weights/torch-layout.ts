/**
 * How the values of one parameter lie in a PyTorch file. Seen in the shape `view` and with its axes put in the
 * order `axes`, they lie as this project's variable does; the way back is the exact inverse.
 */
export interface TorchLayout {
  /** The parameter's shape in the file. */
  readonly stored: readonly number[];
  /** The same values with axes split or left out; default: as stored. */
  readonly view?: readonly number[];
  /** For each axis of ours, its position in `view`. */
  readonly axes: readonly number[];
  /** Axes of `view` that run the other way here: kernels of transposed convolutions. */
  readonly flipped?: readonly number[];
}

/** The layout of a parameter from the shape of this project's variable. */
export type LayoutOf = (shape: readonly number[]) => TorchLayout;

/** The same on both sides: vectors, tables, filters. */
export const plain: LayoutOf = (shape) => ({ stored: shape, axes: shape.map((_, axis) => axis) });

/** Linear layers: [K, C] there, [C, K] here. */
export const linear: LayoutOf = ([inner = 0, out = 0]) => ({ stored: [out, inner], axes: [1, 0] });

/** Convolutions of size 1 along one axis: [K, C, 1] there, [C, K] here. */
export const pointwise: LayoutOf = ([inner = 0, out = 0]) => ({
  stored: [out, inner, 1],
  view: [out, inner],
  axes: [1, 0],
});

/** Convolutions over an image: [K, C, h, w] there, [h, w, C, K] here. */
export const convolution: LayoutOf = ([height = 0, width = 0, inner = 0, out = 0]) => ({
  stored: [out, inner, height, width],
  axes: [2, 3, 1, 0],
});

/** One feature map: [C, H, W] there, [H, W, C] or [1, H, W, C] here. */
export const featureMap: LayoutOf = (shape) => {
  const [height = 0, width = 0, channels = 0] = shape.slice(-3);
  return { stored: [channels, height, width], axes: [1, 2, 0] };
};

/** Feature maps: [N, C, H, W] there, [N, H, W, C] here. */
export const featureMaps: LayoutOf = ([samples = 0, height = 0, width = 0, channels = 0]) => ({
  stored: [samples, channels, height, width],
  axes: [0, 2, 3, 1],
});

/** Linear layers that read a flattened image: [K, C h w] there, [h w C, K] here. */
export function linearOfImage(height: number, width: number): LayoutOf {
  return ([inner = 0, out = 0]) => ({
    stored: [out, inner],
    view: [out, inner / (height * width), height, width],
    axes: [2, 3, 1, 0],
  });
}

/** Where nothing else is said: matrices are linear layers, arrays of rank 4 convolutions, others plain. */
export const byRank: LayoutOf = (shape) => {
  if (shape.length === 2) return linear(shape);
  return shape.length === 4 ? convolution(shape) : plain(shape);
};

/** Values from a file in the order of this project's variable. */
export function fromTorch(values: Float32Array, layout: TorchLayout): Float32Array {
  const { view, stored, axes, flipped = [] } = layout;
  return permuted(values, view ?? stored, axes, flipped);
}

/** Values of this project's variable in the order of a file. */
export function toTorch(values: Float32Array, layout: TorchLayout): Float32Array {
  const { view, stored, axes, flipped = [] } = layout;
  const shape = view ?? stored;
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return permuted(
    values,
    axes.map((axis) => shape[axis] ?? 0),
    inverse,
    flipped.map((axis) => axes.indexOf(axis)),
  );
}

/**
 * The transposed array: axis i of the result is axis `axes[i]` of an array of the given shape, run backwards
 * where it is among `flipped`.
 */
function permuted(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  flipped: readonly number[],
): Float32Array {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  const sizes = axes.map((axis) => shape[axis] as number);
  const steps = axes.map((axis) => (flipped.includes(axis) ? -1 : 1) * (strides[axis] as number));
  const result = new Float32Array(values.length);
  const index = new Array<number>(sizes.length).fill(0);
  let from = flipped.reduce(
    (sum, axis) => sum + ((shape[axis] as number) - 1) * (strides[axis] as number),
    0,
  );
  for (let i = 0; i < result.length; i++) {
    result[i] = values[from] as number;
    // Counts up like an odometer, the last axis fastest.
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += steps[axis] as number;
      if ((index[axis] as number) < (sizes[axis] as number)) break;
      from -= (steps[axis] as number) * (sizes[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}
