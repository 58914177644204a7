import { type Command, InvalidArgumentError } from "commander";
import type { NotebookParameters } from "../kernel/notebook-parameters";
import type { NotebookProgress, NotebookRun } from "../kernel/run-notebook";

interface RunOptions {
  readonly out?: string;
  readonly timeout?: number;
  readonly html?: boolean;
  readonly kernel?: string;
  readonly parameters?: NotebookParameters;
  readonly cache?: boolean;
}

/** `synthmr notebook`: run notebooks without a browser, on the kernel that JupyterLab uses. */
export function register(program: Command): void {
  const notebook = program.command("notebook").description("Run notebooks without a browser.");
  notebook
    .command("run")
    .description("Run notebooks in order, each in a fresh kernel, and write their outputs into them.")
    .argument("<files...>", "the notebooks")
    .option("--out <folder>", "write the notebooks as run there, and leave the given files as they are")
    .option("--timeout <seconds>", "seconds that one cell may take (default: no limit)", parseSeconds)
    .option("--kernel <name>", "an installed Jupyter kernel (default: the project's own)")
    .option(
      "--parameters <name=value...>",
      "values for the cell tagged parameters; numbers, true, false, null and JSON, else text",
      parseParameter,
    )
    .option("--cache", "take results of cells whose code, library and data have not changed (default: off)")
    .option("--html", "write a page beside each notebook that needs nothing else to be read")
    .addHelpText(
      "after",
      "\nExit codes: 0 all ran, 1 a cell failed, 2 bad input, 130 interrupted, 138 the kernel died.",
    )
    .action(async (files: readonly string[], options: RunOptions) => {
      process.exitCode = await runAll(files, options);
    });
}

/** @returns The exit code of the first notebook that did not run well, or 0. */
async function runAll(files: readonly string[], options: RunOptions): Promise<number> {
  const { runNotebook } = await import("../kernel/run-notebook");
  const { readNotebook } = await import("../kernel/notebook-file");
  // A file that cannot be read must not surface after an hour of work on those before it.
  for (const file of files) readNotebook(file);

  const interrupt = new AbortController();
  process.once("SIGINT", () => {
    interrupt.abort();
    process.once("SIGINT", () => process.exit(130));
  });
  for (const path of files) {
    const run = await runNotebook({
      path,
      signal: interrupt.signal,
      onProgress: printProgress,
      onWarning: (warning) => {
        console.error(`warning: ${warning}`);
      },
      ...(options.out === undefined ? {} : { outFolder: options.out }),
      ...(options.timeout === undefined ? {} : { timeoutSec: options.timeout }),
      ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
      ...(options.parameters === undefined ? {} : { parameters: options.parameters }),
      ...(options.cache === undefined ? {} : { cache: options.cache }),
    });
    if (options.html === true) await writeHtml(run);
    const reused = run.reusedCells > 0 ? `, ${run.reusedCells} cells reused` : "";
    console.error(`${path}: ${run.message ?? `ran in ${run.durationSec.toFixed(1)} s`}${reused}`);
    if (run.exitCode !== 0) return run.exitCode;
  }
  return 0;
}

function printProgress({ notebook, cell, cells, remainingSec }: NotebookProgress): void {
  const left = remainingSec === null ? "" : `, about ${Math.ceil(remainingSec)} s left`;
  console.error(`${notebook}: cell ${cell} of ${cells}${left}`);
}

async function writeHtml(run: NotebookRun): Promise<void> {
  const { writeNotebookHtml } = await import("../kernel/notebook-html");
  console.error(writeNotebookHtml(run.path));
}

/** `name=value`, gathered over all that are given. */
function parseParameter(text: string, before: NotebookParameters = {}): NotebookParameters {
  const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("expected name=value.");
  return { ...before, [name]: parseValue(value) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("expected a number of seconds above 0.");
  return seconds;
}
