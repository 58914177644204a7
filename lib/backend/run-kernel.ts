import type { NativeBackend, OpAttribute } from "./native-ops";
import { narrowTensor, TF_BFLOAT16 } from "./narrow-tensors";
import type * as tf from "./tf";

interface KernelAttributes {
  /** TensorFlow's numbers of types. */
  readonly types?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly integers?: Readonly<Record<string, number>>;
}

/** Runs one of the project's own operations; what it gives in bfloat16 stays so. */
export function runKernel(
  native: NativeBackend,
  name: string,
  inputs: readonly tf.Tensor[],
  outputs: number,
  { types = {}, floats = {}, integers = {} }: KernelAttributes,
): tf.Tensor[] {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_INT } = native.binding;
  const written = (type: number, values: Readonly<Record<string, number>>): OpAttribute[] =>
    Object.entries(values).map(([key, value]) => ({ name: key, type, value }));
  const attributes = [
    ...written(TF_ATTR_TYPE, types),
    ...written(TF_ATTR_FLOAT, floats),
    ...written(TF_ATTR_INT, integers),
  ];
  return native.binding
    .executeOp(name, attributes, native.getInputTensorIds(inputs), outputs)
    .map((output) =>
      output.dtype === TF_BFLOAT16 ? narrowTensor(native, output) : native.createOutputTensor(output),
    );
}
