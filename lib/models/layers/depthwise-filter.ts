import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend, type NativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { alongAxes } from "./band-matrix";

/** A fixed filter that every channel of an image goes through. */
export interface DepthwiseFilterConfig {
  readonly channels: number;
  /** Height and width of the larger of the two images between which the filter maps. */
  readonly size: number;
  /** Side of the filter. */
  readonly side: number;
  /** Values of the filter row by row, as a correlation from the larger image has them. */
  readonly values: readonly number[];
  /** The larger image is read at every `stride`-th pixel. */
  readonly stride: number;
  /** Zeros around the larger image. */
  readonly padding: readonly [before: number, after: number];
  /**
   * The transposed map along each axis, [1, size, size'], where the filter can be split into axes: with many
   * taps, products with it take an eighth of the time of TensorFlow's own operation.
   */
  readonly transposed?: () => tf.Tensor3D;
}

/**
 * A depthwise convolution with fixed values and its adjoint: both linear and each other's gradient, so any
 * order of derivative exists.
 */
export class DepthwiseFilter {
  private readonly filter: tf.Tensor4D; // [side, side, C, 1]
  /** The filter turned round, where the adjoint is a correlation, too: at stride 1. */
  private readonly turned: tf.Tensor4D | undefined;
  private readonly transposed: tf.Tensor3D | undefined;

  constructor(
    params: Params,
    private readonly config: DepthwiseFilterConfig,
  ) {
    const { side, values, channels, stride } = config;
    const filter = (taps: readonly number[]) =>
      params.constant(() =>
        tf.tensor4d([...taps], [side, side, 1, 1]).tile<tf.Tensor4D>([1, 1, channels, 1]),
      );
    this.filter = filter(values);
    if (stride === 1) this.turned = filter([...values].reverse());
    if (config.transposed !== undefined) this.transposed = params.constant(config.transposed);
  }

  /** From the larger image to the smaller, [N, size, size, C] to [N, size', size', C]. */
  reduce(x: tf.Tensor4D): tf.Tensor4D {
    return withGradient(
      [x],
      () => ({ value: this.correlate(x, this.filter, this.config.padding), saved: [] }),
      (dy) => [this.enlarge(dy)],
    );
  }

  /** The transposed map, [N, size', size', C] to [N, size, size, C]. */
  enlarge(x: tf.Tensor4D): tf.Tensor4D {
    return withGradient(
      [x],
      () => ({ value: this.transpose(x), saved: [] }),
      (dy) => [this.reduce(dy)],
    );
  }

  private transpose(x: tf.Tensor4D): tf.Tensor4D {
    if (this.transposed !== undefined) return alongAxes(x, this.transposed, this.transposed);
    const { size, channels, side, padding } = this.config;
    // TensorFlow's correlation takes half the time of its adjoint.
    if (this.turned !== undefined)
      return this.correlate(x, this.turned, [side - 1 - padding[0], side - 1 - padding[1]]);
    const native = nativeBackend();
    if (native === undefined) return this.spread(x);
    const shape = tf.tensor1d([x.shape[0], size, size, channels], "int32");
    return this.run(native, [shape, this.filter, x], padding);
  }

  /** Two inputs: the convolution. Three: its gradient for the image. */
  private run(
    native: NativeBackend,
    inputs: readonly tf.Tensor[],
    padding: readonly [number, number],
  ): tf.Tensor4D {
    const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_STRING, TF_FLOAT } = native.binding;
    const { stride } = this.config;
    const attributes = [
      { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: "strides", type: TF_ATTR_INT, value: [1, stride, stride, 1] },
      { name: "padding", type: TF_ATTR_STRING, value: "EXPLICIT" },
      { name: "explicit_paddings", type: TF_ATTR_INT, value: [0, 0, ...padding, ...padding, 0, 0] },
      { name: "data_format", type: TF_ATTR_STRING, value: "NHWC" },
      { name: "dilations", type: TF_ATTR_INT, value: [1, 1, 1, 1] },
    ];
    const operation = inputs.length === 2 ? "DepthwiseConv2dNative" : "DepthwiseConv2dNativeBackpropInput";
    return native.executeSingleOutput(operation, attributes, inputs) as tf.Tensor4D;
  }

  private correlate(x: tf.Tensor4D, filter: tf.Tensor4D, padding: readonly [number, number]): tf.Tensor4D {
    const native = nativeBackend();
    if (native !== undefined) return this.run(native, [x, filter], padding);
    const margin: [number, number] = [...padding];
    return tf.depthwiseConv2d(
      tf.pad4d(x, [[0, 0], margin, margin, [0, 0]]),
      filter,
      this.config.stride,
      "valid",
    );
  }

  private spread(x: tf.Tensor4D): tf.Tensor4D {
    const { size, channels, stride, padding } = this.config;
    const [samples] = x.shape;
    const padded = size + padding[0] + padding[1];
    const wide = tf.engine().runKernel<tf.Tensor4D>(
      tf.DepthwiseConv2dNativeBackpropInput,
      { dy: x, filter: this.filter },
      {
        ...{ strides: [stride, stride], pad: "valid", dilations: [1, 1] },
        inputShape: [samples, padded, padded, channels],
      },
    );
    return tf.slice4d(wide, [0, padding[0], padding[0], 0], [samples, size, size, channels]);
  }
}
