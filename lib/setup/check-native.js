// Run as a program, because a library that does not fit the processor may end its process.
const { loadNative } = require("./load-native");

const tf = loadNative();

/**
 * @typedef {object} NativeCheck What the program prints, as the last line of stdout.
 * @property {boolean} right Whether the results are those worked out by hand.
 * @property {string} version Of libtensorflow.
 * @property {boolean} gpu
 */

// [1 2; 3 4] x [5 6; 7 8] = [19 22; 43 50], and the sum of x squared has the gradient 2x.
const left = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const product = left.matMul(tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
const gradient = tf
  .grad((x) => x.square().sum())(tf.tensor1d([1, -2, 3]))
  .dataSync();
const right = product.join() === "19,22,43,50" && gradient.join() === "2,-4,6";

const backend = /** @type {{ binding: { TF_Version: string }, isUsingGpuDevice: boolean }} */ (
  /** @type {unknown} */ (tf.backend())
);
/** @type {NativeCheck} */
const check = { right, version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
process.stdout.write(`\n${JSON.stringify(check)}\n`);
