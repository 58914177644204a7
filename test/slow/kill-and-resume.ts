// Kills `synthmr reproduce --profile smoke` at random moments until it has finished, and compares what came out
// with a run in one piece. Takes some ten minutes; needs a finished set-up.
// Usage: npm run test:kill -- [seed] [seconds between kills, at most]
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Rng } from "../../lib/backend/rng";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { sha256 } from "../../lib/storage/content-hash";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

/** After this many kills a run that does not get further is given up. */
const MOST_KILLS = 40;

/** Results that must not depend on interruptions; records and logs hold times. */
const COMPARED = /\/(weights|samples|train|validation|test|test-predictions)\.safetensors$|\/nearest\.json$/;

interface Place {
  readonly out: string;
  readonly cache: string;
}

/** A run folder, and a cache with everything that set-up made but no cohorts, so that these are made here, too. */
function place(root: string, name: string): Place {
  const cache = mkdtempSync(join(root, `${name}-cache-`));
  for (const entry of readdirSync(cacheFolder()))
    if (entry !== "cohorts" && entry !== "locks") symlinkSync(join(cacheFolder(), entry), join(cache, entry));
  return { out: join(root, name), cache };
}

/** Runs the study, or kills it with its children after some seconds. @returns The exit code; null if killed. */
async function reproduce({ out, cache }: Place, killAfterSec = Infinity): Promise<number | null> {
  const main = join(PROJECT_ROOT, "dist", "cli", "main.js");
  const child = spawn(process.execPath, [main, "reproduce", "--profile", "smoke", "--out", out], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, SYNTHMR_CACHE: cache, TF_CPP_MIN_LOG_LEVEL: "2" },
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const stop = new AbortController();
  const killed = sleep(Math.min(1000 * killAfterSec, 2 ** 31 - 1), undefined, { signal: stop.signal })
    .then(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    })
    .catch(() => undefined);
  const code = await ended;
  stop.abort();
  await killed;
  return code;
}

/** Every file below a folder, relative to it, sorted. */
function filesBelow(folder: string, root = folder): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path, root) : [relative(root, path)];
    });
}

/** SHA-256 of every file that must be the same, by its path. */
function results({ out, cache }: Place): ReadonlyMap<string, string> {
  const cohorts = join(cache, "cohorts");
  const volumes = filesBelow(cohorts).filter((path) => path.endsWith(".nii.gz"));
  const compared = filesBelow(out).filter((path) => COMPARED.test(`/${path}`));
  return new Map([
    ...volumes.map((path) => [`cohorts/${path}`, sha256(readFileSync(join(cohorts, path)))] as const),
    ...compared.map((path) => [path, sha256(readFileSync(join(out, path)))] as const),
  ]);
}

async function main(): Promise<void> {
  const [seed = 1, longestSec = 25] = process.argv.slice(2).map(Number);
  const root = mkdtempSync(join(tmpdir(), "synthmr-kill-"));
  const stream = Rng.fromSeed(seed).fork("kills").stream();
  try {
    const [whole, broken] = [place(root, "whole"), place(root, "killed")];
    if ((await reproduce(whole)) !== 0) throw new Error("the run in one piece failed");
    let kills = 0;
    let code: number | null = null;
    while (code === null) {
      // Each attempt may last a little longer, so that the longest stage without a checkpoint is passed, too.
      const delaySec = stream.uniform(2, longestSec * (1 + kills / 10));
      code = await reproduce(broken, kills < MOST_KILLS ? delaySec : Infinity);
      if (code === null) console.log(`kill ${++kills} after ${delaySec.toFixed(1)} s`);
    }
    if (code !== 0) throw new Error(`the killed run ended with exit code ${code}`);
    const [expected, found] = [results(whole), results(broken)];
    const differing = [...expected].filter(([path, hash]) => found.get(path) !== hash).map(([path]) => path);
    for (const path of differing) console.log(`differs: ${path}`);
    const failed = differing.length + (expected.size === found.size ? 0 : 1);
    console.log(
      `\n${kills} kills (seed ${seed}); ${expected.size - differing.length} files alike, ${failed} not`,
    );
    process.exitCode = failed === 0 && kills > 0 ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

void main();
