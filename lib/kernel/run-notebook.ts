import { basename, dirname, join, resolve } from "node:path";
import { OutputCollector } from "./cell-outputs";
import { DeadKernelError, KernelProcess } from "./kernel-process";
import { codeCells, readNotebook, writeNotebook } from "./notebook-file";
import type { Notebook } from "./notebook-file";
import { clearTimings, recordTiming, remainingSeconds, startTiming } from "./notebook-timing";
import { runCell } from "./run-cell";
import type { CellEnd } from "./run-cell";

export interface RunNotebookOptions {
  /** The notebook to run. */
  readonly path: string;
  /** Folder that receives the notebook as run; it is run in place where this is left out. */
  readonly outFolder?: string;
  /** Seconds that one cell may take; no limit where left out. */
  readonly timeoutSec?: number;
  /** Variables of the kernel beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Interrupts the running cell, gives it ten seconds to end, and ends the run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: NotebookProgress) => void;
}

export interface NotebookProgress {
  readonly notebook: string;
  /** 1-based number of the code cell that starts. */
  readonly cell: number;
  readonly cells: number;
  /** Seconds from here to the end when the notebook was last run; null where that is not known. */
  readonly remainingSec: number | null;
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
}

interface RunEnd {
  readonly status: CellEnd["status"];
  /** False where no kernel came up: the notebook is left as it was. */
  readonly started: boolean;
  readonly message: string | null;
}

const EXIT_CODES = { ok: 0, failed: 1, interrupted: 130, dead: 138 } as const;
const VERBS = { ok: "ran", failed: "failed", interrupted: "was interrupted", dead: "ended" } as const;
const WRITE_EVERY_MS = 2000;

/**
 * Runs a notebook in a fresh kernel, cell by cell, in the notebook's folder. Outputs are written into the file
 * as they come; the first cell that fails ends the run.
 *
 * @throws InputError if the file is not a notebook, or cannot be written.
 */
export async function runNotebook(options: RunNotebookOptions): Promise<NotebookRun> {
  const source = resolve(options.path);
  const path = options.outFolder === undefined ? source : join(resolve(options.outFolder), basename(source));
  const notebook = readNotebook(source);
  const endTiming = startTiming();
  const { status, message, started } = await withKernel(dirname(source), options, (kernel) =>
    runInKernel(kernel, notebook, path, options),
  );
  const timing = endTiming(status === "ok");
  if (started) {
    recordTiming(notebook, timing);
    writeNotebook(path, notebook);
  }
  return { status, exitCode: EXIT_CODES[status], path, durationSec: timing.duration, message };
}

/** Starts a kernel for the work and ends it whatever happens. */
async function withKernel(
  folder: string,
  { env }: RunNotebookOptions,
  work: (kernel: KernelProcess) => Promise<RunEnd>,
): Promise<RunEnd> {
  let kernel: KernelProcess;
  try {
    kernel = await KernelProcess.start({ folder, ...(env ? { env } : {}) });
  } catch (error) {
    if (error instanceof DeadKernelError)
      return { status: "dead", started: false, message: `${error.message}\n${error.log}` };
    throw error;
  }
  try {
    return await work(kernel);
  } finally {
    await kernel.stop();
  }
}

async function runInKernel(
  kernel: KernelProcess,
  notebook: Notebook,
  path: string,
  options: RunNotebookOptions,
): Promise<RunEnd> {
  const cells = codeCells(notebook);
  const remaining = remainingSeconds(cells);
  const collector = new OutputCollector();
  const write = new ThrottledWriter(path, notebook);
  notebook.metadata.language_info = (await kernel.information()).language_info;
  OutputCollector.reset(notebook);
  clearTimings(notebook);

  for (const [index, cell] of cells.entries()) {
    const place = { notebook: basename(path), cell: index + 1, cells: cells.length };
    options.onProgress?.({ ...place, remainingSec: remaining[index] ?? null });
    const endTiming = startTiming();
    const end = await runCell(kernel, cell, collector, options, () => {
      write.soon();
    });
    const timing = endTiming(end.status === "ok");
    recordTiming(cell, timing);
    write.now();
    if (end.status === "ok") continue;
    const where = `cell ${index + 1} of ${cells.length} (${cell.id})`;
    return {
      status: end.status,
      started: true,
      message: `${where} ${VERBS[end.status]} after ${timing.duration.toFixed(1)} s: ${end.reason}`,
    };
  }
  return { status: "ok", started: true, message: null };
}

/** Writes the notebook while a cell runs, but not after each of its outputs. */
class ThrottledWriter {
  private writtenAt = 0;

  constructor(
    private readonly path: string,
    private readonly notebook: Notebook,
  ) {}

  now(): void {
    this.writtenAt = Date.now();
    writeNotebook(this.path, this.notebook);
  }

  soon(): void {
    if (Date.now() - this.writtenAt > WRITE_EVERY_MS) this.now();
  }
}
