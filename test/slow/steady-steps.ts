// Three hundred steps of every kind of generator: the number of tensors and the resident memory stay as they are
// after the first hundred, and no stretch of steps is slower than the first one. Takes a few minutes.
// Usage: npm run test:steady -- [part of a kind's name]
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import type { Params } from "../../lib/models/params";
import type { LoopOptions } from "../../lib/training/loop/training-loop";
import { temporaryFolder } from "../temporary-folder";
import { TINY_GENERATORS } from "./tiny-generators";

const STEPS = 300;

/** Steps of a stretch that is compared with others. */
const STRETCH = 50;

/** Steps after which memory must not grow: all graphs are made, growing networks have grown. */
const SETTLED = 100;

/** Growth of the resident memory that is noise, in MB. */
const NOISE_MB = 24;

/** The processor time of a stretch may be so many times that of the first settled one. */
const NOISE_TIME = 1.25;

interface Moment {
  readonly tensors: number;
  readonly residentMb: number;
  readonly processorMs: number;
}

function now(): Moment {
  const { user, system } = process.cpuUsage();
  return {
    tensors: tf.memory().numTensors,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
    processorMs: (user + system) / 1000,
  };
}

/** Runs a training, and says what is not steady about it. */
async function faults(train: (loop: LoopOptions) => Promise<Params>): Promise<string[]> {
  const moments: Moment[] = [];
  const onProgress = () => {
    moments.push(now());
  };
  const trained = await train({ checkpointEverySec: 3600, logEverySteps: 1, onProgress });
  trained.dispose();
  const [settled, last] = [moments[SETTLED - 1], moments.at(-1)];
  if (settled === undefined || last === undefined) throw new Error("the training was too short");
  const stretches: number[] = [];
  for (let step = SETTLED - 1; step + STRETCH < moments.length; step += STRETCH) {
    const [from, to] = [moments[step], moments[step + STRETCH]];
    stretches.push((to?.processorMs ?? 0) - (from?.processorMs ?? 0));
  }
  const [first = Number.NaN, ...later] = stretches;
  const slowest = Math.max(...later);
  const grown = last.residentMb - settled.residentMb;
  console.log(
    `  ${moments.length} steps, ${settled.tensors} tensors after ${SETTLED} and ${last.tensors} at the end; ${(first / STRETCH).toFixed(1)} ms of processor a step at first, ` +
      `${(slowest / STRETCH).toFixed(1)} at most; memory ${settled.residentMb.toFixed(0)} MB, changed by ${grown.toFixed(1)}`,
  );
  return [
    ...(last.tensors === settled.tensors ? [] : [`tensors went from ${settled.tensors} to ${last.tensors}`]),
    ...(grown <= NOISE_MB ? [] : [`memory grew by ${grown.toFixed(1)} MB`]),
    ...(slowest <= NOISE_TIME * first ? [] : ["later steps are slower than the first"]),
  ];
}

async function main(): Promise<void> {
  await startBackend({ precision: "float32" });
  const wanted = process.argv[2] ?? "";
  for (const { name, train } of TINY_GENERATORS.filter((generator) => generator.name.includes(wanted))) {
    console.log(name);
    for (const fault of await faults((loop) => train(temporaryFolder(), loop, STEPS))) {
      console.log(`  NOT STEADY: ${fault}`);
      process.exitCode = 1;
    }
  }
}

void main();
