const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { defineLegacyUtil } = require("./legacy-util");
const { TFJS_NODE } = require("./project");

const LOADER = join(TFJS_NODE, "lib", "napi-v8", "quiet_load.node");
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
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== "0" && existsSync(LOADER)) require(LOADER)(LIBRARY);
  return require("@tensorflow/tfjs-node");
}

module.exports = { loadNative };
