const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

// Plain JavaScript, because the set-up needs it before there is a compiler, and the library needs the same.

/**
 * The folder of the files that every clone of this user shares: libtensorflow, the built addon, the atlas.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} `$SYNTHMR_CACHE`, or `$XDG_CACHE_HOME/synthmr`, or `~/.cache/synthmr`; an absolute path,
 * which need not exist.
 */
function cacheFolder(env = process.env) {
  if (env.SYNTHMR_CACHE) return resolve(env.SYNTHMR_CACHE);
  // The XDG specification says that a relative path there counts as unset.
  const base = env.XDG_CACHE_HOME?.startsWith("/") ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "synthmr");
}

module.exports = { cacheFolder };
