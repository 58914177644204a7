import { withGradient } from "../../backend/custom-gradient";
import type { NativeBackend } from "../../backend/native-ops";
import { runKernel } from "../../backend/run-kernel";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { filteredSize, type AxisFilter } from "./band-matrix";

/** A filter along one axis for the project's own operation. */
interface FilterMap {
  readonly taps: tf.Tensor1D;
  readonly up: number;
  readonly down: number;
  /** Zeros before the first value; negative numbers crop. */
  readonly before: number;
  /** How many values an axis becomes. */
  readonly size: number;
}

/**
 * A FIR filter along both axes of square images as one operation of the project's own, and its adjoint, which is such a
 * filter, too: any order of derivative exists. Each value costs as many products as taps reach it, once an axis, where
 * matrices or a depthwise convolution multiply by many zeros or by every pair of taps.
 */
export class ImageFilter {
  private readonly forward: FilterMap;
  private readonly adjoint: FilterMap;

  /** @param size Height and width of the images that come in. */
  constructor(params: Params, filter: AxisFilter, size: number) {
    const { up, down, padding } = filter;
    const taps = Array.from(filter.taps);
    const line = (values: readonly number[]) => params.constant(() => tf.tensor1d([...values]));
    this.forward = { taps: line(taps), up, down, before: padding[0], size: filteredSize(size, filter) };
    const before = taps.length - 1 - padding[0];
    this.adjoint = { taps: line([...taps].reverse()), up: down, down: up, before, size };
  }

  /** @param x [N, size, size, C]. @returns [N, H', W', C]. */
  apply(native: NativeBackend, x: tf.Tensor4D): tf.Tensor4D {
    return mapImages(native, x, this.forward, this.adjoint);
  }
}

function mapImages(native: NativeBackend, x: tf.Tensor4D, map: FilterMap, adjoint: FilterMap): tf.Tensor4D {
  const { taps, ...integers } = map;
  return withGradient(
    [x],
    () => {
      const types = { T: native.binding.TF_FLOAT };
      const [value] = runKernel(native, "SynthmrFilter", [x, taps], 1, { types, integers });
      if (value === undefined) throw new Error("SynthmrFilter gave no output");
      return { value: value as tf.Tensor4D, saved: [] };
    },
    (dy) => [mapImages(native, dy, adjoint, map)],
  );
}
