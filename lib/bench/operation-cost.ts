import type { OpAttribute } from "../backend/native-ops";

/** A TensorFlow operation as it ran. */
export interface ExecutedOperation {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  /** Shapes of its inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** Shape of its first output. */
  readonly output: readonly number[];
}

/** For each operation that counts, the position among its inputs of the images that it visits; -1: its output. */
const CONVOLUTIONS: Readonly<Record<string, { readonly pixels: number; readonly kernel: number }>> = {
  Conv2D: { pixels: -1, kernel: 1 },
  _FusedConv2D: { pixels: -1, kernel: 1 },
  Conv2DBackpropInput: { pixels: 2, kernel: 1 },
  Conv2DBackpropFilter: { pixels: 2, kernel: -1 },
  DepthwiseConv2dNative: { pixels: -1, kernel: 1 },
  DepthwiseConv2dNativeBackpropInput: { pixels: 2, kernel: 1 },
  DepthwiseConv2dNativeBackpropFilter: { pixels: 2, kernel: -1 },
};

const FILTER = "SynthmrFilter";

const PRODUCTS = new Set(["MatMul", "_FusedMatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"]);

/**
 * Floating-point operations of one operation: two (a product and a sum) for each multiplication of a convolution, of
 * one of its gradients, of a matrix product or of a filter. What lies between them counts 0: it costs memory traffic, not
 * arithmetic.
 */
export function operationCost(operation: ExecutedOperation): number {
  const { name, inputs, output } = operation;
  const convolution = CONVOLUTIONS[name];
  if (convolution !== undefined) {
    const shape = (place: number) => (place < 0 ? output : (inputs[place] ?? []));
    // Every pixel of the smaller side of the convolution meets every weight once.
    return 2 * size(shape(convolution.pixels).slice(0, 3)) * size(shape(convolution.kernel));
  }
  if (name === FILTER) return filterCost(operation);
  return PRODUCTS.has(name) ? 2 * size(output) * summedLength(operation) : 0;
}

/** The project's own filter: as many products a value as taps reach it, along the height and then the width. */
function filterCost({ attributes, inputs, output }: ExecutedOperation): number {
  const [[, width = 0] = [], [taps = 0] = []] = inputs;
  const up = Number(attributes.find(({ name }) => name === "up")?.value ?? 1);
  const [samples = 0, size = 0, , channels = 0] = output;
  return (2 * samples * size * channels * (width + size) * taps) / up;
}

/** The length over which a matrix product sums. */
function summedLength({ attributes, inputs }: ExecutedOperation): number {
  const [left = []] = inputs;
  const transposed = attributes.some(
    ({ name, value }) => (name === "adj_x" || name === "transpose_a") && value === true,
  );
  return left.at(transposed ? -2 : -1) ?? 0;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
