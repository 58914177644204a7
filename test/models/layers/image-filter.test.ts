import { suite } from "uvu";
import * as assert from "uvu/assert";
import { castTo } from "../../../lib/backend/mixed-precision";
import { narrowTensor, TF_BFLOAT16 } from "../../../lib/backend/narrow-tensors";
import { kernelBackend } from "../../../lib/backend/native-kernels";
import type { NativeBackend } from "../../../lib/backend/native-ops";
import { Rng } from "../../../lib/backend/rng";
import { runKernel } from "../../../lib/backend/run-kernel";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { ImageFilter } from "../../../lib/models/layers/image-filter";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";

const test = suite("ImageFilter");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** @throws where the project's own operations were not built: set-up builds them here. */
function kernels(): NativeBackend {
  const native = kernelBackend();
  if (native === undefined) throw new Error("the project's own operations are not there");
  return native;
}

function cast(native: NativeBackend, x: tf.Tensor, from: number, to: number): number {
  const [id] = native.getInputTensorIds([x]);
  if (id === undefined) throw new Error("no tensor");
  return castTo(native, id, from, to);
}

test("enlarges an image as worked by hand", () => {
  const params = new Params(Rng.fromSeed(1));
  const filter = new ImageFilter(params, { taps: [2, 1], up: 2, down: 1, padding: [1, 0] }, 2);
  const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  // Along one axis v becomes 0 v 0, and the taps turned round, 1 2, give 2 v and v; then the same along the other.
  const expected = [4, 2, 8, 4, 2, 1, 4, 2, 12, 6, 16, 8, 6, 3, 8, 4];
  assert.equal([...filter.apply(kernels(), image).dataSync()], expected);
  params.dispose();
});

test("images in bfloat16 give what those in float32 give, but for the rounding of input and result", () => {
  const native = kernels();
  const { TF_FLOAT } = native.binding;
  const x = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 8, 8, 11]);
  const taps = tf.tensor1d([1, 3, 3, 1]);
  const run = (images: tf.Tensor, type: number): tf.Tensor => {
    const integers = { up: 1, down: 2, before: 1, size: 4 };
    const [y] = runKernel(native, "SynthmrFilter", [images, taps], 1, { types: { T: type }, integers });
    if (y === undefined) throw new Error("no result");
    return y;
  };
  const narrow = narrowTensor(native, {
    id: cast(native, x, TF_FLOAT, TF_BFLOAT16),
    shape: x.shape,
    dtype: TF_BFLOAT16,
  });
  const rounded = run(narrow, TF_BFLOAT16);
  const id = cast(native, rounded, TF_BFLOAT16, TF_FLOAT);
  const wide = native.createOutputTensor({ id, shape: rounded.shape, dtype: TF_FLOAT });
  // Sums reach some 64; eight bits of precision.
  near(wide, run(x, TF_FLOAT), 0.25);
});

test("an image that is not square is refused", () => {
  const params = new Params(Rng.fromSeed(1));
  const filter = new ImageFilter(params, { taps: [1, 1], up: 1, down: 1, padding: [1, 0] }, 4);
  assert.throws(() => filter.apply(kernels(), tf.zeros<tf.Rank.R4>([1, 4, 5, 1])), /square images/);
  params.dispose();
});

test.run();
