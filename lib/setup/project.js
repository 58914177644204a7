const { join } = require("node:path");

/** The project's folders. This file stands two folders deep, in lib/ and, compiled, in dist/. */
const ROOT = join(__dirname, "..", "..");
const MODULES = join(ROOT, "node_modules");

/** tfjs-node; the package under this name is tfjs-node-gpu, whose sources are the same. */
const TFJS_NODE = join(MODULES, "@tensorflow", "tfjs-node");

module.exports = { ROOT, MODULES, TFJS_NODE };
