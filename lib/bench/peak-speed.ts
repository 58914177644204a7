import { nativeBackend, type NativeBackend } from "../backend/native-ops";
import * as tf from "../backend/tf";
import { supportsBfloat16 } from "../backend/mixed-precision";

/** Side of the matrices: large enough that nothing but arithmetic counts, small enough for the cache's levels. */
const SIDE = 2048;
const REPEATS = 5;

/** Floating-point operations a second that one matrix product reaches, the best of a few; by number format. */
export interface PeakSpeed {
  readonly float32: number;
  /** null where the processor does not multiply it itself: by detours it is slower than float32. */
  readonly bfloat16: number | null;
}

/** Measures what the machine can do at most, by products of matrices of side 2,048. Needs a started backend. */
export function measurePeak(): PeakSpeed {
  const native = nativeBackend();
  const operations = 2 * SIDE ** 3;
  if (native === undefined) return { float32: operations / portableSeconds(), bfloat16: null };
  return {
    float32: operations / nativeSeconds(native, native.binding.TF_FLOAT),
    bfloat16: supportsBfloat16() ? operations / nativeSeconds(native, BFLOAT16) : null,
  };
}

/** TensorFlow's number of the type. */
const BFLOAT16 = 14;

/** The fastest of a few runs. */
function bestSeconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

function portableSeconds(): number {
  const a = tf.ones<tf.Rank.R2>([SIDE, SIDE]);
  const seconds = bestSeconds(() => tf.tidy(() => tf.matMul(a, a).slice([0, 0], [1, 1]).dataSync()));
  a.dispose();
  return seconds;
}

/** Of matrices that are in the format already, of which tfjs may know nothing. */
function nativeSeconds(native: NativeBackend, type: number): number {
  const { binding } = native;
  const option = (name: string, kind: number, value: number | boolean) => ({ name, type: kind, value });
  const ones = tf.ones([SIDE, SIDE]);
  const cast = [
    option("SrcT", binding.TF_ATTR_TYPE, binding.TF_FLOAT),
    option("DstT", binding.TF_ATTR_TYPE, type),
    option("Truncate", binding.TF_ATTR_BOOL, false),
  ];
  const product = [
    option("T", binding.TF_ATTR_TYPE, type),
    option("adj_x", binding.TF_ATTR_BOOL, false),
    option("adj_y", binding.TF_ATTR_BOOL, false),
  ];
  const [a] = binding.executeOp("Cast", cast, native.getInputTensorIds([ones]), 1);
  ones.dispose();
  if (a === undefined) throw new Error("Cast gave no output");
  const seconds = bestSeconds(() => {
    for (const { id } of binding.executeOp("BatchMatMulV2", product, [a.id, a.id], 1))
      binding.deleteTensor(id);
  });
  binding.deleteTensor(a.id);
  return seconds;
}
