// Kills trainings of every kind of GAN with SIGKILL at random moments until they end: within fades, between and
// within lazy updates, while graphs are recorded and checkpoints written. What a checkpoint holds at the end must
// be that of a run in one piece, byte for byte. Takes some minutes.
// Usage: npm run test:gan -- [seed] [kills of each kind, at least]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Rng, type RngStream } from "../../lib/backend/rng";
import { readLatestCheckpoint } from "../../lib/training/loop/checkpoint";
import { TINY_GANS } from "../training/tiny-gan";

/** Kills are up to so much later than the step they wait for: about the time of a step. */
const LATEST_MS = 400;

/** After this many kills a run that does not get further is given up. */
const MOST_KILLS = 60;

/** Seconds between checkpoints: a few steps, so that steps are done again. */
const CHECKPOINT_SEC = 0.3;

/** @param killAfter Steps that this process does before it is killed; undefined lets it end. */
async function train(name: string, folder: string, stream: RngStream, killAfter?: number): Promise<boolean> {
  const script = join(__dirname, "train-tiny-gan.ts");
  const child = spawn(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", script, name, folder, String(CHECKPOINT_SEC)],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" } },
  );
  const ended = new Promise<string | number | null>((resolve) => {
    child.on("close", (code, signal) => {
      resolve(signal ?? code);
    });
  });
  let steps = 0;
  child.stdout.on("data", (bytes: Buffer) => {
    steps += bytes.toString().trim().split("\n").length;
    if (killAfter !== undefined && steps >= killAfter)
      void sleep(stream.uniform(0, LATEST_MS)).then(() => child.kill("SIGKILL"));
  });
  const end = await ended;
  if (end !== 0 && end !== "SIGKILL") throw new Error(`${name}: the training ended with ${end}`);
  return end === 0;
}

/** @returns How often the run was killed, and whether it came out as the one in one piece. */
async function check(
  name: string,
  root: string,
  stream: RngStream,
  leastKills: number,
): Promise<{ readonly kills: number; readonly alike: boolean }> {
  const [whole, broken] = ["whole", "killed"].map((part) => join(root, `${name} ${part}`)) as [
    string,
    string,
  ];
  await train(name, whole, stream);
  let kills = 0;
  for (let done = false; !done && kills < MOST_KILLS;) {
    // Short lives first, to be killed often enough; longer ones then, to reach the end.
    const life = 1 + stream.integer(kills < leastKills ? 3 : 6);
    done = await train(name, broken, stream, life);
    if (!done) kills++;
  }
  const state = (folder: string) => readLatestCheckpoint(folder, "tiny");
  const [expected, found] = [state(whole), state(broken)];
  const alike =
    expected?.progress.step === found?.progress.step && isDeepStrictEqual(expected?.state, found?.state);
  return { kills, alike };
}

async function main(): Promise<void> {
  const [seed = 1, leastKills = 3] = process.argv.slice(2).map(Number);
  const root = mkdtempSync(join(tmpdir(), "synthmr-kill-gan-"));
  try {
    for (const [name] of TINY_GANS) {
      const stream = Rng.fromSeed(seed).fork("kills", name).stream();
      const { kills, alike } = await check(name, root, stream, leastKills);
      console.log(`${name}: ${kills} kills (seed ${seed}), ${alike ? "the same bytes" : "DIFFERENT"}`);
      if (!alike) process.exitCode = 1;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

void main();
