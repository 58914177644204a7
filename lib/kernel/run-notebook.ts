import { basename, dirname, join, relative, resolve } from "node:path";
import { findKernelspec } from "./find-kernelspec";
import { DeadKernelError, KernelProcess } from "./kernel-process";
import { KERNEL_NAME } from "./kernelspec";
import { NotebookCache } from "./notebook-cache";
import { codeCells, readNotebook, writeNotebook } from "./notebook-file";
import { injectParameters } from "./notebook-parameters";
import type { NotebookParameters } from "./notebook-parameters";
import { recordTiming, startTiming } from "./notebook-timing";
import { NotebookCells } from "./notebook-cells";
import type { CellsEnd, NotebookProgress } from "./notebook-cells";
import type { CellEnd } from "./run-cell";

export type { NotebookProgress } from "./notebook-cells";

export interface RunNotebookOptions {
  /** The notebook to run. */
  readonly path: string;
  /** Folder that receives the notebook as run; it is run in place where this is left out. */
  readonly outFolder?: string;
  /** Seconds that one cell may take; no limit where left out. */
  readonly timeoutSec?: number;
  /** Name of an installed kernel; the project's own where left out. */
  readonly kernel?: string;
  /** Values for the variables of the cell that is tagged `parameters`. */
  readonly parameters?: NotebookParameters;
  /** Takes results of cells from an earlier run where nothing that they depend on has changed. */
  readonly cache?: boolean;
  /** Variables of the kernel beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Interrupts the running cell, gives it ten seconds to end, and ends the run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: NotebookProgress) => void;
  /** Told in one line of what may be a mistake. */
  readonly onWarning?: (warning: string) => void;
}

/** How the run of a notebook ended. */
export interface NotebookRun {
  readonly status: CellEnd["status"];
  readonly exitCode: 0 | 1 | 130 | 138;
  /** The notebook with its outputs. */
  readonly path: string;
  readonly durationSec: number;
  /** One line on what went wrong, `cell 7 of 12 (id) failed after 3.1 s: message`; null where nothing did. */
  readonly message: string | null;
  /** Cells whose results were taken from an earlier run. */
  readonly reusedCells: number;
}

const EXIT_CODES = { ok: 0, failed: 1, interrupted: 130, dead: 138 } as const;

/**
 * Runs a notebook in a fresh kernel, cell by cell, in the notebook's folder. Outputs are written into the file
 * as they come; the first cell that fails ends the run.
 *
 * @throws InputError if the file is not a notebook, cannot be written, or if there is no such kernel.
 */
export async function runNotebook(options: RunNotebookOptions): Promise<NotebookRun> {
  const { parameters = {}, kernel = KERNEL_NAME } = options;
  const source = resolve(options.path);
  const path = options.outFolder === undefined ? source : join(resolve(options.outFolder), basename(source));
  const notebook = readNotebook(source);
  for (const name of injectParameters(notebook, parameters))
    options.onWarning?.(`${basename(source)} declares no parameter "${name}"`);

  const cache = options.cache ? new NotebookCache(source, { ...process.env, ...options.env }) : null;
  const cells = new NotebookCells(notebook, path, options, cache?.read(codeCells(notebook)) ?? []);
  const endTiming = startTiming();
  const end = cells.allStored ? cells.takeStored() : await inKernel(dirname(source), kernel, options, cells);
  const timing = endTiming(end.status === "ok");
  if (end.started) {
    const places = { input_path: fromHere(source), output_path: fromHere(path) };
    recordTiming(notebook, timing, { ...places, parameters, environment_variables: {} });
    writeNotebook(path, notebook);
    if (end.status === "ok") cache?.write(codeCells(notebook));
  }
  const { status, message } = end;
  const reusedCells = cells.reused;
  return { status, exitCode: EXIT_CODES[status], path, durationSec: timing.duration, message, reusedCells };
}

/** Starts a kernel for the cells and ends it whatever happens. */
async function inKernel(
  folder: string,
  name: string,
  { env }: RunNotebookOptions,
  cells: NotebookCells,
): Promise<CellsEnd> {
  const spec = name === KERNEL_NAME ? null : findKernelspec(name);
  let kernel: KernelProcess;
  try {
    kernel = await KernelProcess.start({ folder, ...(spec ? { spec } : {}), ...(env ? { env } : {}) });
  } catch (error) {
    if (error instanceof DeadKernelError)
      return { status: "dead", started: false, message: `${error.message}\n${error.log}` };
    throw error;
  }
  try {
    return await cells.run(kernel);
  } finally {
    await kernel.stop();
  }
}

/** A path that says nothing of the machine, where the file is below the working folder. */
function fromHere(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? basename(path) : here;
}
