import { supportsBfloat16 } from "../backend/mixed-precision";
import { startBackend } from "../backend/start";
import { setTrainingFormat } from "../backend/training-precision";
import { parseBenchCase } from "./bench-case";
import { openWorkload } from "./open-workload";
import { timeRound } from "./timing";

/** A process that trains a few small networks for a few seconds each; see `tune`. */

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
const SECONDS = 3;

async function main(): Promise<void> {
  const { precision } = JSON.parse(process.argv[2] ?? "") as TuneRequest;
  await startBackend({ backend: "tensorflow", precision: "float32" });
  setTrainingFormat(precision === "mixed" && supportsBfloat16() ? "bfloat16" : undefined);
  const rates: Record<string, number> = {};
  for (const settings of CASES) {
    const workload = openWorkload(settings.network, parseBenchCase(settings.network, settings));
    timeRound(workload.kinds, 0); // records the graphs
    rates[settings.network] = (1000 * workload.images) / timeRound(workload.kinds, SECONDS);
    workload.dispose();
  }
  console.log(JSON.stringify(rates));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
