import type { Command } from "commander";
import type { Contest, TuneResult } from "../bench/tune";
import type { Setting } from "../bench/tuned-setting";
import { InputError } from "../errors";

/**
 * `synthmr doctor` inside the command-line program. Through `npm run synthmr -- doctor` it is answered before
 * any set-up, by the same function; with `--tune` it is answered here.
 */
export function register(program: Command): void {
  program
    .command("doctor")
    .description("Tell what the project runs on, what is missing and how to mend it.")
    .option("--json", "as JSON")
    .option("--tune", "measure threads and precision on this machine, and keep the fastest (a few minutes)")
    .action(async ({ json, tune }: { readonly json?: true; readonly tune?: true }) => {
      if (tune === true) {
        await runTuning(json === true);
        return;
      }
      const { doctor } = await import("../setup/doctor");
      process.exitCode = await doctor(json === true ? ["--json"] : []);
    });
}

async function runTuning(asJson: boolean): Promise<void> {
  const { startBackend } = await import("../backend/start");
  const { backend, device } = await startBackend();
  if (backend !== "tensorflow" || device !== "cpu")
    throw new InputError(
      "doctor --tune",
      `is for TensorFlow on the processor, here runs ${backend} on ${device}`,
    );
  const { keepTuning, tune } = await import("../bench/tune");
  console.error("comparing settings in turns; this takes a few minutes");
  const result = await tune((contest) => {
    console.error(describeContest(contest));
  });
  keepTuning(result);
  console.log(asJson ? JSON.stringify(result, null, 2) : describeResult(result));
}

function describeContest({ usual, other, ratio, faster }: Contest): string {
  const { median, lower, upper } = ratio;
  const rates = Object.entries(other.imagesPerSec).map(
    ([network, rate]) => `${network} ${rate.toFixed(1)} (${(usual.imagesPerSec[network] ?? 0).toFixed(1)})`,
  );
  return [
    `${describeSetting(other)}: ${median.toFixed(2)} times the speed (${lower.toFixed(2)} to ${upper.toFixed(2)}) of ` +
      `${describeSetting(usual)}: ${faster ? "faster" : "not faster beyond doubt"}`,
    `  images a second: ${rates.join(", ")}`,
  ].join("\n");
}

function describeSetting({ processes, threads, precision }: Setting): string {
  const what = processes === 1 ? "one training" : `${processes} trainings side by side`;
  return `${what}, threads ${threads}, ${precision}`;
}

function describeResult({ threads, trainingBfloat16, sideBySide }: TuneResult): string {
  return [
    `threads of an operation: ${threads}`,
    `training steps multiply in ${trainingBfloat16 ? "bfloat16" : "float32"}`,
    sideBySide
      ? "two trainings side by side see more images a second than one after the other"
      : "two trainings side by side see no more images a second than one after the other",
    "Kept for every later start; TF_NUM_INTRAOP_THREADS goes before it.",
  ].join("\n");
}
