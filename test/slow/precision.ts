// Trains three networks of the default run for 500 steps on simulated slices: three seeds in float32, and the same
// seeds with the large products of training steps in bfloat16 ("mixed"). The mean of their smoothed losses must not
// be further from that in float32 than seeds are from each other. Takes about 20 minutes on one core.
// Usage: npm run test:precision -- [--data file of slices, 32 pixels] [part of a network's name]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Rng } from "../../lib/backend/rng";
import { supportsBfloat16 } from "../../lib/backend/mixed-precision";
import { startBackend } from "../../lib/backend/start";
import { setTrainingFormat } from "../../lib/backend/training-precision";
import { readSliceSet, selectSlices, type SliceSet } from "../../lib/data/slice-set";
import { InputError } from "../../lib/errors";
import { buildGan } from "../../lib/generators/build-networks";
import { smallConfig } from "../../lib/generators/small-configs";
import { profileOf } from "../../lib/study/profiles";
import { trainDiffusion } from "../../lib/training/diffusion/train-diffusion";
import { trainGan } from "../../lib/training/gan/train-gan";
import { RunLog, type LogLine } from "../../lib/training/loop/run-log";
import { InterruptedError } from "../../lib/training/loop/training-loop";
import { trainSegmentation } from "../../lib/training/segmentation/train-segmentation";
import { temporaryFolder } from "../temporary-folder";
import { departures, largestDistance, type Curve } from "./loss-curves";
import { quickSlices } from "./quick-slices";

const STEPS = 500;
const SEEDS = [1, 2, 3] as const;
/** Steps over which curves are smoothed. */
const WINDOW = 50;
const SIZE = 32;
/** Slices that the U-Net is looked at with now and then; the looks do not change its training. */
const VALIDATION_SLICES = 16;

/** What every kind of training takes. */
interface Training {
  readonly slices: SliceSet;
  readonly folder: string;
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: {
    readonly checkpointEverySec: number;
    readonly logEverySteps: number;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: { readonly stepsDone: number }) => void;
  };
}

interface Kind {
  readonly name: string;
  /** Trains as the default run would; it is stopped long before its end. */
  readonly train: (training: Training) => Promise<unknown>;
  /** Curves that are compared: from lines of the log. */
  readonly curves: Readonly<Record<string, (line: LogLine) => number>>;
}

const loss = ({ loss: value }: LogLine): number => value;
const detail =
  (name: string) =>
  ({ details }: LogLine): number =>
    details?.[name] ?? Number.NaN;

const KINDS: readonly Kind[] = [
  { name: "unet-32", train: unet, curves: { loss } },
  {
    name: "stylegan2-32",
    train: gan,
    curves: {
      "discriminator's loss": detail("discriminator"),
      "generator's loss": detail("generator"),
      "signs of real logits": detail("realSigns"),
    },
  },
  { name: "diffusion-32", train: diffusion, curves: { loss } },
];

function diffusion(training: Training): Promise<unknown> {
  const config = smallConfig("diffusion", SIZE);
  if (config.kind !== "diffusion") throw new Error("the small diffusion model is another one");
  return trainDiffusion({ ...training, config });
}

function gan(training: Training): Promise<unknown> {
  const config = smallConfig("stylegan2", SIZE);
  if (config.kind !== "stylegan2") throw new Error("the small StyleGAN 2 is another one");
  return trainGan({ ...training, build: (rng) => buildGan(config, rng), recipe: config.training });
}

function unet({ slices, ...training }: Training): Promise<unknown> {
  const every = Math.floor(slices.count / VALIDATION_SLICES);
  const chosen = Int32Array.from({ length: VALIDATION_SLICES }, (_, i) => i * every);
  return trainSegmentation({
    ...training,
    ...profileOf("quick").segmenters.unet,
    train: slices,
    validation: { set: selectSlices(slices, chosen), score: "batches" },
  });
}

/** The log of a training's first steps. */
async function firstSteps({ train }: Kind, slices: SliceSet, seed: number): Promise<LogLine[]> {
  const folder = join(temporaryFolder(), "training");
  const stop = new AbortController();
  const onProgress = ({ stepsDone }: { readonly stepsDone: number }): void => {
    if (stepsDone >= STEPS) stop.abort();
  };
  const loop = { checkpointEverySec: 3600, logEverySteps: 1, signal: stop.signal, onProgress };
  const rng = Rng.fromSeed(seed).fork("precision");
  try {
    await train({ slices, folder, configHash: "precision", rng, loop });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
  return new RunLog(folder).read();
}

/** @returns Whether every curve in bfloat16 stays within the spread of those in float32. */
async function compare(kind: Kind, slices: SliceSet): Promise<boolean> {
  const runs: Record<"float32" | "mixed", LogLine[][]> = { float32: [], mixed: [] };
  for (const seed of SEEDS)
    for (const precision of ["float32", "mixed"] as const) {
      setTrainingFormat(precision === "mixed" ? "bfloat16" : undefined);
      const start = process.cpuUsage();
      const log = await firstSteps(kind, slices, seed);
      const { user, system } = process.cpuUsage(start);
      runs[precision].push(log);
      const seconds = ((user + system) / 1e6).toFixed(0);
      console.log(`  seed ${seed}, ${precision}: ${log.length} steps, ${seconds} s of processor time`);
    }
  let passed = true;
  for (const [name, read] of Object.entries(kind.curves)) {
    const curves = (logs: readonly LogLine[][]): Curve[] => logs.map((log) => log.map(read));
    const [plain, mixed] = [curves(runs.float32), curves(runs.mixed)];
    const sameSeed = plain.map((curve, i) => largestDistance(curve, mixed[i] ?? [], WINDOW));
    if (sameSeed.every((distance) => distance === 0)) {
      console.log(`  ${name}: THE SAME in both: nothing was computed in bfloat16`);
      passed = false;
    }
    for (const { from, to, difference, spread } of departures(plain, mixed, WINDOW)) {
      const within = difference <= spread;
      passed &&= within;
      console.log(
        `  ${name}, steps ${from} to ${to}: bfloat16 differs by ${difference.toPrecision(3)}, seeds by ` +
          `${spread.toPrecision(3)} (${(difference / spread).toFixed(2)} of it)${within ? "" : ": NOT WITHIN"}`,
      );
    }
    const distances = sameSeed.map((distance) => distance.toPrecision(3)).join(", ");
    console.log(`  ${name}: of the same seed by ${distances}`);
  }
  return passed;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: "string" } },
  });
  const wanted = KINDS.filter(({ name }) => name.includes(positionals[0] ?? ""));
  const { threads } = await startBackend({ backend: "tensorflow", precision: "float32" });
  if (!supportsBfloat16()) throw new InputError("bfloat16", "is not available on this machine");
  const slices = values.data === undefined ? await quickSlices(SIZE) : readSliceSet(values.data);
  console.log(
    `${slices.count} slices of the ${slices.source}; ${threads} threads; smoothed over ${WINDOW} steps`,
  );
  for (const kind of wanted) {
    console.log(kind.name);
    const passed = await compare(kind, slices);
    console.log(`  ${passed ? "passed" : "FAILED"}`);
    if (!passed) process.exitCode = 1;
  }
}

void main();
