import type { Command } from "commander";
import type { CaseResult } from "../bench/run-case";

/** `synthmr bench`: how fast one network works on this machine. */
export function register(program: Command): void {
  program
    .command("bench")
    .description("Time one network on this machine: whole training steps, images drawn, features.")
    .requiredOption("--case <file>", "what to time, as JSON")
    .option("--json", "as JSON")
    .addHelpText("after", HELP)
    .action(async ({ case: path, json }: { readonly case: string; readonly json?: true }) => {
      const result = await run(path);
      console.log(json === true ? JSON.stringify(result, null, 2) : describe(result));
    });
}

const HELP = `
A case: {"network": "unet", "size": 64, "batch": 16}
  network    diffusion-unet, progressive-gan, stylegan1, stylegan2, stylegan3, unet, upernet-swin, efficientnet-lite0
  size       height and width of the images
  batch      images of a step
  work       train (default), sample (generators), features (efficientnet-lite0)
  precision  auto (default), float32 or bfloat16
  config     settings of the network as its files of weights hold them; of a GAN {"generator", "discriminator"}
  name       how the result names it`;

async function run(path: string): Promise<CaseResult> {
  const { readBenchCase } = await import("../bench/bench-case");
  const benchCase = readBenchCase(path);
  const { startBackend } = await import("../backend/start");
  const info = await startBackend({ precision: benchCase.precision });
  const { runCase } = await import("../bench/run-case");
  return runCase(path, benchCase, info);
}

function describe(result: CaseResult): string {
  const { stepMs, operationsPerStep, shareOfPeak } = result;
  const gigabytes = (result.peakMemoryBytes / 1e9).toFixed(2);
  const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
  return [
    `${result.name}: ${result.network}, ${result.work}, ${result.batch} x ${result.size} x ${result.size}`,
    `backend       ${result.backend}, ${result.threads} threads, ${result.precision}`,
    `parameters    ${result.parameters}`,
    ...(operationsPerStep === null
      ? []
      : [`work          ${(operationsPerStep / 1e9).toFixed(2)} GFLOP a step`]),
    `step          ${ms(stepMs.median)} ms (quartiles ${ms(stepMs.lower)} to ${ms(stepMs.upper)})`,
    `speed         ${result.imagesPerSec.toFixed(1)} images a second`,
    ...(shareOfPeak === null ? [] : [`of the peak   ${(100 * shareOfPeak).toFixed(1)} %`]),
    `peak memory   ${gigabytes} GB`,
  ].join("\n");
}
