const {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} = require("node:fs");
const { hostname } = require("node:os");
const { dirname } = require("node:path");
const { setTimeout: wait } = require("node:timers/promises");

const HEARTBEAT_MS = 5000;
const STALE_MS = 60_000;
const POLL_MS = 300;

/**
 * Runs an action while no other process, on this machine or on one that shares the folder, holds the lock. A
 * lock whose owner has died is taken over.
 *
 * @template T
 * @param {string} path The lock file; made and removed.
 * @param {() => Promise<T>} action
 * @param {(owner: string) => void} [onWait] Told once, where another process holds the lock.
 * @param {AbortSignal} [signal] Ends the waiting, with its reason.
 * @returns {Promise<T>}
 */
async function withLock(path, action, onWait = () => undefined, signal = undefined) {
  mkdirSync(dirname(path), { recursive: true });
  for (let waited = false; !take(path);) {
    if (isStale(path)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!waited) onWait(ownerOf(path));
    waited = true;
    await wait(POLL_MS);
    signal?.throwIfAborted();
  }
  // The heartbeat shows owners on other machines, whose processes cannot be asked, that this one lives.
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  const release = () => rmSync(path, { force: true });
  process.on("exit", release);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    process.off("exit", release);
    release();
  }
}

/** @param {string} path */
function take(path) {
  try {
    const file = openSync(path, "wx");
    writeSync(file, `${process.pid} ${hostname()}`);
    closeSync(file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} path */
function isStale(path) {
  try {
    const [pid, host] = ownerOf(path).split(" ");
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Date.now() - statSync(path).mtimeMs > STALE_MS;
  } catch {
    // Released in the meantime: the next try takes it.
    return false;
  }
}

/** @param {string} path */
function ownerOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** @param {string} path */
function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // A removed lock costs at most a second download, which ends in the same place.
  }
}

module.exports = { withLock };
