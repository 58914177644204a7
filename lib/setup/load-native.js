const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { defineLegacyUtil } = require("./legacy-util");
const { TFJS_NODE } = require("./project");

const LOADER = join(TFJS_NODE, "lib", "napi-v8", "quiet_load.node");
const KERNELS = join(TFJS_NODE, "lib", "napi-v8", "native_kernels.node");
/** As in kernels.cc. */
const KERNELS_VERSION = 5;
const LIBRARY = join(TFJS_NODE, "deps", "lib", "libtensorflow_cc.so.2");

/**
 * Loads tfjs-node with what it needs around it: functions that newer Nodes lack, and silence, unless
 * TF_CPP_MIN_LOG_LEVEL is set. Level 3 keeps back what TensorFlow calls errors too: its graph optimizer reports
 * as such that it left a graph as it was. True errors are thrown.
 *
 * @returns {typeof import("@tensorflow/tfjs-node")}
 * @throws {Error} if the addon or libtensorflow does not load.
 */
function loadNative() {
  defineLegacyUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  // TensorFlow takes its own faster kernels of products and convolutions only where the processor has instructions
  // made for networks (AVX512_VNNI and later), though they are faster with AVX2 alone too.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== "0" && existsSync(LOADER)) require(LOADER)(LIBRARY);
  return require("@tensorflow/tfjs-node");
}

/**
 * Registers the project's own operations with the TensorFlow that is loaded.
 *
 * @param {number} threads How many of them work on one operation.
 * @returns {boolean} False where they were not built, are of another version, or do not fit the loaded library.
 */
function registerKernels(threads) {
  if (!existsSync(KERNELS)) return false;
  try {
    return require(KERNELS)(threads) === KERNELS_VERSION;
  } catch {
    return false;
  }
}

module.exports = { loadNative, registerKernels };
