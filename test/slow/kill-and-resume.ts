// Kills `synthmr study run --profile smoke` at random moments, three times with its children, once without them, and
// stops it once by Ctrl-C; lets it end, and compares every record and result with those of a run in one piece, times
// apart. Takes two smoke runs, some ten minutes; needs a finished set-up.
// Usage: npm run test:kill -- [seed] [options of synthmr study run, such as --generator stylegan2 --parallel 1]
// SYNTHMR_KILL_FOLDER=DIR keeps both runs below DIR.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Rng } from "../../lib/backend/rng";
import { EXIT } from "../../lib/errors";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { sha256 } from "../../lib/storage/content-hash";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

/** How a run is ended. */
interface End {
  readonly signal: "SIGKILL" | "SIGINT";
  /** The process and all its children, or the process alone: its workers then see that it is gone. */
  readonly whom: "all" | "first";
}

/** How the broken run is ended, one after the other; between them it goes on from where it was. */
const ENDS: readonly End[] = [
  { signal: "SIGKILL", whom: "all" },
  { signal: "SIGKILL", whom: "first" },
  { signal: "SIGINT", whom: "all" },
  { signal: "SIGKILL", whom: "all" },
  { signal: "SIGKILL", whom: "all" },
];
/** A run that is over before it was ended so often has shown little; the machine may have become quicker meanwhile. */
const FEWEST_ENDS = 3;
/** Where in a run it is ended, counted from its last start, as shares of the time of the whole: all over the run. */
const EARLIEST = 0.03;
const LATEST = 0.3;
/** A process that was asked to stop writes its checkpoints; longer than this it hangs. */
const STOP_GRACE_SEC = 120;

/**
 * What holds times: checkpoints, logs, prepared slices (they name the times of the files that they were made of; their
 * pixels are hashed in the record of the slices). What all of it leads to is compared.
 */
const NOT_COMPARED =
  /(^|\/)(checkpoints?[^/]*|log\.jsonl|events\.out\.tfevents[^/]*|[^/]*\.lock|[^/]*-slices\/[^/]*\.safetensors)($|\/)/;
/** Fields of records that tell of the time that something took, of memory, or are made of these. */
const MEASURED = new Set(["durationSec", "imagesPerSec", "peakMemoryBytes", "peakMemoryMb", "trainingSec"]);

interface Place {
  readonly out: string;
  readonly cache: string;
}

interface Ended {
  /** null where it was killed. */
  readonly code: number | null;
  readonly sec: number;
}

/** A run folder, and a cache with everything that set-up made but no cohorts, so that these are made here, too. */
function place(root: string, name: string): Place {
  const cache = mkdtempSync(join(root, `${name}-cache-`));
  for (const entry of readdirSync(cacheFolder()))
    if (entry !== "cohorts" && entry !== "locks") symlinkSync(join(cacheFolder(), entry), join(cache, entry));
  return { out: join(root, name), cache };
}

/** Runs a command of the study; after some seconds it is ended. */
async function study(
  command: readonly string[],
  { out, cache }: Place,
  end?: End & { readonly afterSec: number },
): Promise<Ended> {
  const started = performance.now();
  const main = join(PROJECT_ROOT, "dist", "cli", "main.js");
  const args = [main, "study", ...command, "--profile", "smoke", "--out", out];
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, SYNTHMR_CACHE: cache, TF_CPP_MIN_LOG_LEVEL: "3" },
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const done = new AbortController();
  const wait = (sec: number) => sleep(1000 * sec, undefined, { signal: done.signal });
  const send = (signal: NodeJS.Signals, whom: End["whom"]): void => {
    if (child.pid !== undefined) process.kill(whom === "all" ? -child.pid : child.pid, signal);
  };
  const ending =
    end === undefined
      ? Promise.resolve()
      : wait(end.afterSec)
          .then(() => {
            send(end.signal, end.whom);
            return wait(STOP_GRACE_SEC);
          })
          .then(() => {
            send("SIGKILL", "all");
          })
          .catch(() => undefined);
  const code = await ended;
  done.abort();
  await ending;
  return { code, sec: (performance.now() - started) / 1000 };
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

/** SHA-256 of every file that must be the same, by its path; of JSON without what was measured by the clock. */
function results({ out, cache }: Place): ReadonlyMap<string, string> {
  const below = (folder: string, name: string) =>
    filesBelow(folder)
      .filter((path) => !NOT_COMPARED.test(path))
      .map((path) => [`${name}/${path}`, hashOf(join(folder, path))] as const);
  return new Map([...below(join(cache, "cohorts"), "cohorts"), ...below(out, "run")]);
}

function hashOf(path: string): string {
  const bytes = readFileSync(path);
  return sha256(path.endsWith(".json") ? Buffer.from(withoutTimes(bytes.toString("utf8"))) : bytes);
}

function withoutTimes(json: string): string {
  return JSON.stringify(JSON.parse(json, (name, value: unknown) => (MEASURED.has(name) ? 0 : value)));
}

/** Interrupts the run again and again and lets it end. @returns How often it was interrupted. */
async function interrupted(
  run: readonly string[],
  broken: Place,
  wholeSec: number,
  rng: Rng,
): Promise<number> {
  const stream = rng.stream();
  for (const [before, end] of ENDS.entries()) {
    const { signal, whom } = end;
    const afterSec = stream.uniform(EARLIEST, LATEST) * wholeSec;
    const { code, sec } = await study(run, broken, { ...end, afterSec });
    const expected = signal === "SIGINT" ? EXIT.interrupted : null;
    if (code === EXIT.ok) return before;
    if (code !== expected)
      throw new Error(`${signal} after ${sec.toFixed(1)} s: ended with exit code ${code}`);
    console.log(`${signal} to ${whom} after ${afterSec.toFixed(1)} s, ended after ${sec.toFixed(1)} s`);
  }
  const { code } = await study(run, broken);
  if (code !== EXIT.ok) throw new Error(`the interrupted run ended with exit code ${code}`);
  return ENDS.length;
}

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  const seed = first === undefined ? 1 : Number(first);
  const run = ["run", ...rest];
  const kept = process.env["SYNTHMR_KILL_FOLDER"];
  if (kept !== undefined) mkdirSync(kept, { recursive: true });
  const root = kept ?? mkdtempSync(join(tmpdir(), "synthmr-kill-"));
  try {
    const [whole, broken] = [place(root, "whole"), place(root, "broken")];
    const { code, sec } = await study(run, whole);
    if (code !== EXIT.ok) throw new Error(`the run in one piece ended with exit code ${code}`);
    console.log(`in one piece: ${sec.toFixed(0)} s`);
    const ends = await interrupted(run, broken, sec, Rng.fromSeed(seed).fork("kills"));
    for (const one of [whole, broken]) await study(["collect"], one);
    const [expected, found] = [results(whole), results(broken)];
    const paths = [...new Set([...expected.keys(), ...found.keys()])];
    const differing = paths.filter((path) => expected.get(path) !== found.get(path));
    for (const path of differing) console.log(`differs: ${path}`);
    console.log(
      `${ends} interruptions (seed ${seed}); ${paths.length - differing.length} files alike, ${differing.length} not`,
    );
    process.exitCode = differing.length === 0 && ends >= FEWEST_ENDS ? 0 : 1;
  } finally {
    if (kept === undefined) rmSync(root, { recursive: true, force: true });
  }
}

void main();
