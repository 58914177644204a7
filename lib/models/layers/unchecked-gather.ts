import { nativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";

/**
 * Parts of a tensor along an axis, without a gradient. On the native backend without tfjs's check, which reads
 * every index back to JavaScript: that is slow, and impossible in a graph that is being recorded.
 *
 * @param indices Each within the axis.
 */
export function uncheckedGather<T extends tf.Tensor>(x: T, indices: tf.Tensor1D, axis: number): T {
  const native = nativeBackend();
  if (native === undefined) return tf.gather(x, indices, axis);
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_FLOAT, TF_INT32 } = native.binding;
  const attributes = [
    { name: "batch_dims", type: TF_ATTR_INT, value: 0 },
    { name: "Tparams", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "Tindices", type: TF_ATTR_TYPE, value: TF_INT32 },
    { name: "Taxis", type: TF_ATTR_TYPE, value: TF_INT32 },
  ];
  return native.executeSingleOutput("GatherV2", attributes, [x, indices, tf.scalar(axis, "int32")]) as T;
}
