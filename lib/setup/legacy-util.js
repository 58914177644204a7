const util = require("node:util");

/**
 * Defines the functions of node:util that tfjs-node 4.22 calls and that Node 23 removed; Node 22 has them, but
 * warns at each first use. To be called before tfjs-node is used.
 */
function defineLegacyUtil() {
  Object.assign(util, {
    isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

module.exports = { defineLegacyUtil };
