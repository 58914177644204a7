import type { Command } from "commander";
import type { TriedSetting, TuneResult } from "../bench/tune";
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
    .option("--tune", "measure threads and precision on this machine, and keep the fastest (a minute or two)")
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
  const result = await tune((setting) => {
    console.error(describeSetting(setting));
  });
  keepTuning(result);
  console.log(asJson ? JSON.stringify(result, null, 2) : describeResult(result));
}

function describeSetting({ processes, threads, precision, imagesPerSec }: TriedSetting): string {
  const what = processes === 1 ? "one training" : `${processes} trainings side by side`;
  const rates = Object.entries(imagesPerSec).map(([network, rate]) => `${network} ${rate.toFixed(1)}`);
  return `${what}, threads ${threads}, ${precision}: images a second: ${rates.join(", ")}`;
}

function describeResult({ threads, trainingBfloat16, sideBySide }: TuneResult): string {
  return [
    `threads of an operation: ${threads}`,
    `training steps multiply in ${trainingBfloat16 ? "bfloat16" : "float32"}`,
    sideBySide
      ? "two trainings side by side see more images a second than one after the other"
      : "trainings run faster one after the other than side by side",
    "Kept for every later start; TF_NUM_INTRAOP_THREADS goes before it.",
  ].join("\n");
}
