import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { startWasm } from "../../lib/backend/wasm-backend";
import { near } from "../near";

const test = suite("wasm backend");
let native = false;

test.before(async () => {
  native = (await startBackend()).backend === "tensorflow";
  if (!native) console.log("skipped: the comparison with native TensorFlow, which is not available");
  await startWasm();
});

/** Fixed values in about [-1.3, 1.3], none of them equal. */
function values(shape: number[], step: number): tf.Tensor {
  const data = Float32Array.from(
    { length: tf.util.sizeFromShape(shape) },
    (_, i) => Math.sin(i * step) * (1 + 0.3 * Math.cos(i)),
  );
  return tf.tensor(data, shape);
}

/** What an action computes on a backend, as plain numbers. */
async function on(backend: string, action: () => tf.Tensor[]): Promise<number[][]> {
  await tf.setBackend(backend);
  const results = tf.tidy(action);
  const numbers = results.map((tensor) => [...tensor.dataSync()]);
  tf.dispose(results);
  return numbers;
}

async function sameOnBoth(name: string, action: () => tf.Tensor[]): Promise<void> {
  const wasm = await on("wasm", action);
  if (!native) return;
  const wanted = await on("tensorflow", action);
  wanted.forEach((expected, i) => near(wasm[i] ?? [], expected, 1e-5, `${name}, result ${i}`));
}

for (const stride of [1, 2]) {
  for (const size of [1, 2, 3, 5]) {
    test(`a convolution of size ${size}, stride ${stride}, and its gradients are those of native TensorFlow`, async () => {
      for (const pad of ["same", "valid"] as const) {
        await sameOnBoth(pad, () => {
          const convolve = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
            tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
          const [x, w] = [values([2, 9, 8, 5], 1.37), values([size, size, 5, 7], 2.11)];
          const gradients = tf.grads((a, b) => convolve(a, b).square().sum())([x, w]);
          return [convolve(x, w), ...gradients];
        });
      }
    });
  }
}

test("the gradients of a strided convolution are its finite differences", async () => {
  await tf.setBackend("wasm");
  const [x, w] = [values([2, 6, 5, 2], 1.37), values([3, 3, 2, 3], 2.11)];
  const loss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar =>
    tf
      .conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, "same")
      .square()
      .sum();
  const gradients = tf.grads(loss)([x, w]);
  [x, w].forEach((tensor, which) => {
    for (const at of [0, 7, 23]) {
      const moved = (step: number): number => {
        const data = tensor.dataSync().slice();
        data[at] = (data[at] ?? 0) + step;
        const other = tf.tensor(data, tensor.shape);
        return (which === 0 ? loss(other, w) : loss(x, other)).dataSync()[0] ?? 0;
      };
      const slope = (moved(0.05) - moved(-0.05)) / 0.1; // Exact for a quadratic loss.
      near([gradients[which]?.dataSync()[at] ?? 0], [slope], 1e-3, `input ${which}, value ${at}`);
    }
  });
});

const OPERATIONS: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  "max pooling": (x) => tf.maxPool(x, 2, 2, "same"),
  "overlapping max pooling": (x) => tf.maxPool(x, 3, 1, "same"),
  "mean pooling": (x) => tf.avgPool(x, 2, 2, "valid"),
  "enlarging, bilinear": (x) => tf.image.resizeBilinear(x, [18, 16]),
  "enlarging, bilinear, half-pixel centres": (x) => tf.image.resizeBilinear(x, [18, 16], false, true),
  "shrinking, bilinear": (x) => tf.image.resizeBilinear(x, [4, 3], true),
  "nearest neighbour": (x) => tf.image.resizeNearestNeighbor(x, [18, 16]),
  "transposed convolution": (x) =>
    tf.conv2dTranspose(x, values([3, 3, 4, 5], 0.7) as tf.Tensor4D, [2, 18, 16, 4], 2, "same"),
  "depthwise convolution": (x) => tf.depthwiseConv2d(x, values([3, 3, 5, 2], 0.7) as tf.Tensor4D, 1, "same"),
  normalisation: (x) => {
    const { mean, variance } = tf.moments(x, [1, 2], true);
    return x.sub(mean).mul(variance.add(1e-5).rsqrt());
  },
  "batched matrix product": (x) => x.reshape([2, 9, 40]).matMul(values([2, 6, 40], 0.7), false, true),
  softmax: (x) => x.softmax(),
  "log of the softmax": (x) => tf.logSoftmax(x),
  gather: (x) => x.gather(tf.tensor1d([1, 0, 1], "int32"), 0),
  concatenation: (x) => tf.concat([x, x.square()], 3),
  slice: (x) => x.slice([0, 1, 2, 0], [2, 3, 4, 5]),
  pad: (x) => x.pad([[0, 0], [1, 2], [0, 1], [0, 0]]), // prettier-ignore
  transposition: (x) => x.transpose([0, 3, 1, 2]).mul(values([2, 5, 9, 8], 0.7)),
  activations: (x) => tf.addN([x.relu(), x.leakyRelu(0.1), x.sigmoid(), x.tanh(), x.softplus(), x.elu()]),
  "exponent, logarithm, sine, cosine": (x) => tf.addN([x.exp(), x.abs().add(1).log(), x.sin(), x.cos()]),
  "roots and quotients": (x) =>
    tf.addN([x.square().add(1).sqrt(), x.square().add(1).rsqrt(), x.div(x.square().add(2))]),
  extrema: (x) => tf.addN([x.clipByValue(-0.5, 0.5), tf.minimum(x, 0.2), tf.maximum(x, 0.1)]).max(3),
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  test(`${name}: values and gradient are those of native TensorFlow`, () =>
    sameOnBoth(name, () => {
      const x = values([2, 9, 8, 5], 1.37) as tf.Tensor4D;
      return [
        operation(x),
        tf.grad((a) =>
          operation(a as tf.Tensor4D)
            .square()
            .sum(),
        )(x),
      ];
    }));
}

test("one-hot codes and largest classes are those of native TensorFlow", () =>
  sameOnBoth("one-hot", () => {
    const classes = values([2, 9, 8, 5], 1.37).argMax(3);
    return [classes, tf.oneHot(classes.toInt(), 5)];
  }));

/** One step of a small encoder and decoder on fixed data: the loss and the kernels after it. */
function trainingStep(): tf.Tensor[] {
  const x = values([2, 8, 8, 3], 1.37) as tf.Tensor4D;
  const kernels = [values([3, 3, 3, 4], 2.11), values([3, 3, 4, 6], 0.83), values([1, 1, 6, 3], 1.71)];
  const loss = (...w: tf.Tensor[]): tf.Scalar => {
    const [w0, w1, w2] = w as tf.Tensor4D[];
    if (w0 === undefined || w1 === undefined || w2 === undefined) throw new Error("three kernels");
    const down = tf.maxPool(tf.leakyRelu(tf.conv2d(x, w0, 1, "same"), 0.1), 2, 2, "same");
    const { mean, variance } = tf.moments(down, [1, 2], true);
    const normal = down.sub<tf.Tensor4D>(mean).div<tf.Tensor4D>(variance.add(1e-5).sqrt());
    const deep = tf.relu(tf.conv2d(normal, w1, 2, "same"));
    return tf
      .conv2d(tf.image.resizeBilinear(deep, [8, 8]), w2, 1, "same")
      .sub(x)
      .square()
      .mean();
  };
  const { value, grads } = tf.valueAndGrads(loss)(kernels);
  return [value, ...kernels.map((kernel, i) => kernel.sub(grads[i]?.mul(0.1) ?? tf.scalar(Number.NaN)))];
}

test("a training step of convolution, pooling, norm and resize is that of native TensorFlow", () =>
  sameOnBoth("step", trainingStep));

test("a training step leaves no tensor behind", async () => {
  await on("wasm", trainingStep);
  const before = tf.memory();
  for (let i = 0; i < 5; i++) await on("wasm", trainingStep);
  assert.is(tf.memory().numTensors, before.numTensors);
  assert.is(tf.memory().numDataBuffers, before.numDataBuffers);
});

test.run();
