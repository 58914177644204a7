import { Option, type Command } from "commander";
import type { Precision } from "../backend/start";
import { EXIT } from "../errors";
import type { CaseReport } from "../references/verify";

interface VerifyOptions {
  readonly json?: true;
  readonly precision: Precision;
}

/** `synthmr verify`: this project's networks and measures against numbers of public implementations. */
export function register(program: Command): void {
  program
    .command("verify")
    .description("Compare with what public reference implementations gave: networks, losses, measures.")
    .argument(
      "<files...>",
      "cases (safetensors: weights.*, in.*, out.*; JSON text `meta` among the metadata)",
    )
    .option("--json", "as JSON")
    .addOption(
      new Option("--precision <format>", "of convolutions and matrix products")
        .choices(["float64", "float32", "bfloat16"])
        .default("float64"),
    )
    .addHelpText(
      "after",
      `
What a file is of is told by "reference" in its meta, else by the beginning of its name
(nvlabs-stylegan2-generator...), else by the names of its tensors.
Values are float32. Products are summed in float64, so that what remains of a difference is the rounding of
the reference; --precision float32 shows the network as it trains.
Exit codes: 0 all outputs agree, 1 one does not or is not covered, 2 a file cannot be understood.`,
    )
    .action(async (files: readonly string[], options: VerifyOptions) => {
      process.exitCode = await run(files, options);
    });
}

async function run(files: readonly string[], { json, precision }: VerifyOptions): Promise<number> {
  const { startBackend } = await import("../backend/start");
  const { passed, verifyFile } = await import("../references/verify");
  await startBackend({ precision });
  const reports: CaseReport[] = [];
  for (const file of files) {
    const report = verifyFile(file);
    reports.push(report);
    if (json !== true) console.log(formatReport(report));
  }
  const ok = reports.every(passed);
  if (json === true) console.log(JSON.stringify({ passed: ok, cases: reports }, null, 2));
  return ok ? EXIT.ok : EXIT.failed;
}

/** A case as lines: one an output, its numbers in columns. */
function formatReport({ file, reference, outputs }: CaseReport): string {
  const width = Math.max(...outputs.map(({ name }) => name.length));
  const number = (value: number) => value.toExponential(2).padStart(9);
  const lines = outputs.map(({ name, status, absolute, relative, tolerance, note }) => {
    const label = `  ${name.padEnd(width)}  ${status.padEnd(4)}`;
    if (tolerance === null || note !== null) return `${label}${note === null ? "" : `  ${note}`}`;
    const basis = tolerance.of === "largest" ? "of the largest value" : "of each value";
    return `${label}  absolute ${number(absolute)}  relative ${number(relative)}  (at most ${tolerance.limit} ${basis})`;
  });
  return [`${file}: ${reference}`, ...lines].join("\n");
}
