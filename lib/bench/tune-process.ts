import { createInterface } from "node:readline";
import { supportsBfloat16 } from "../backend/mixed-precision";
import { startBackend } from "../backend/start";
import { setTrainingFormat } from "../backend/training-precision";
import { parseBenchCase } from "./bench-case";
import { openWorkload } from "./open-workload";
import { timeRound } from "./timing";

/** A process that trains a few small networks for a second each whenever it is told to; see `tune`. */

export interface TuneRequest {
  readonly precision: "float32" | "mixed";
}

/** Images a second by network. */
export type TunedRates = Readonly<Record<string, number>>;

/** One network of each kind: many small operations, few large ones, matrix products. */
const CASES = [
  { network: "diffusion-unet", size: 32, batch: 32 },
  { network: "unet", size: 64, batch: 16 },
  { network: "upernet-swin", size: 64, batch: 8 },
] as const;
const SECONDS = 1;

async function main(): Promise<void> {
  const { precision } = JSON.parse(process.argv[2] ?? "") as TuneRequest;
  await startBackend({ backend: "tensorflow", precision: "float32" });
  setTrainingFormat(precision === "mixed" && supportsBfloat16() ? "bfloat16" : undefined);
  const workloads = CASES.map((settings) => {
    const workload = openWorkload(settings.network, parseBenchCase(settings.network, settings));
    timeRound(workload.kinds, 0); // records the graphs
    return { network: settings.network, ...workload };
  });
  // One answer for each line; the end of the lines is the end of the process.
  createInterface({ input: process.stdin }).on("line", () => {
    const rates: Record<string, number> = {};
    for (const { network, images, kinds } of workloads)
      rates[network] = (1000 * images) / timeRound(kinds, SECONDS).stepMs;
    console.log(JSON.stringify(rates));
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
