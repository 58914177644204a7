// Kills trainings of every kind of generator with SIGKILL at random moments until they end: within fades, between and
// within lazy updates, while graphs are recorded and checkpoints written. What a checkpoint holds at the end must
// be that of a run in one piece, byte for byte. Takes some minutes.
// Usage: npm run test:gan -- [seed] [kills of each kind, at least] [part of a kind's name]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Rng, type RngStream } from "../../lib/backend/rng";
import { readLatestCheckpoint } from "../../lib/training/loop/checkpoint";
import { TINY_GENERATORS, type TinyGenerator } from "./tiny-generators";

/** Kills are up to so much later than the step they wait for: about the time of a step. */
const LATEST_MS = 400;

/** After this many kills a run that does not get further is given up. */
const MOST_KILLS = 60;

/** Seconds between checkpoints: a few steps, so that steps are done again. */
const CHECKPOINT_SEC = 0.3;

/** How one process of a training ended. */
interface Life {
  readonly killed: boolean;
  /** The last step that was done; 0 where none was. */
  readonly lastStep: number;
}

/** @param killAfter Steps that this process does before it is killed; undefined lets it end. */
async function train(name: string, folder: string, stream: RngStream, killAfter?: number): Promise<Life> {
  const script = join(__dirname, "train-tiny-generator.ts");
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
  let [steps, lastStep] = [0, 0];
  child.stdout.on("data", (bytes: Buffer) => {
    const lines = bytes.toString().trim().split("\n");
    steps += lines.length;
    lastStep = Number(lines.at(-1));
    if (killAfter !== undefined && steps >= killAfter)
      void sleep(stream.uniform(0, LATEST_MS)).then(() => child.kill("SIGKILL"));
  });
  const end = await ended;
  if (end !== 0 && end !== "SIGKILL") throw new Error(`${name}: the training ended with ${end}`);
  return { killed: end !== 0, lastStep };
}

/** @returns The steps after which the run was killed, and whether it came out as the one in one piece. */
async function check(
  { name, steps }: TinyGenerator,
  root: string,
  stream: RngStream,
  leastKills: number,
): Promise<{ readonly kills: readonly number[]; readonly alike: boolean }> {
  const [whole, broken] = [join(root, `${name} whole`), join(root, `${name} killed`)];
  await train(name, whole, stream);
  const kills: number[] = [];
  for (let done = false; !done && kills.length < MOST_KILLS;) {
    // Short lives first, to be killed often enough; longer ones then, to reach the end.
    const longest = Math.ceil(steps / (kills.length < leastKills ? 4 : 2));
    const life = await train(name, broken, stream, 1 + stream.integer(longest));
    done = !life.killed;
    if (life.killed) kills.push(life.lastStep);
  }
  const last = (folder: string) => readLatestCheckpoint(folder, "tiny");
  const [expected, found] = [last(whole), last(broken)];
  const complete = expected?.progress.step === steps && found?.progress.step === steps;
  return { kills, alike: complete && isDeepStrictEqual(expected.state, found.state) };
}

/** Which parts of the recipe kills fell into: the steps that were under way, or next. */
function hitParts({ partsOf, steps }: TinyGenerator, kills: readonly number[]): string {
  const hits = new Map<string, number>();
  for (const step of kills)
    for (const part of step < steps ? partsOf(step) : []) hits.set(part, (hits.get(part) ?? 0) + 1);
  return [...hits].map(([part, count]) => `, ${count} in a step with ${part}`).join("");
}

async function main(): Promise<void> {
  const [seedText, killsText, part = ""] = process.argv.slice(2);
  const [seed, leastKills] = [Number(seedText ?? 1), Number(killsText ?? 3)];
  const root = mkdtempSync(join(tmpdir(), "synthmr-kill-generator-"));
  try {
    for (const generator of TINY_GENERATORS.filter(({ name }) => name.includes(part))) {
      const { name, steps } = generator;
      const stream = Rng.fromSeed(seed).fork("kills", name).stream();
      const { kills, alike } = await check(generator, root, stream, leastKills);
      console.log(
        `${name}: ${steps} steps, ${kills.length} kills (seed ${seed}) after steps ${kills.join(", ")}` +
          `${hitParts(generator, kills)}: ${alike ? "the same bytes" : "DIFFERENT"}`,
      );
      if (!alike || kills.length === 0) process.exitCode = 1;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

void main();
