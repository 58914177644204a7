import { basename } from "node:path";
import { OutputCollector } from "./cell-outputs";
import type { KernelProcess } from "./kernel-process";
import type { StoredCell } from "./notebook-cache";
import { codeCells, writeNotebook } from "./notebook-file";
import type { CodeCell, Notebook } from "./notebook-file";
import { tagsOf } from "./notebook-parameters";
import { clearTimings, recordTiming, remainingSeconds, startTiming } from "./notebook-timing";
import { failCell, runCell } from "./run-cell";
import type { CellEnd, CellLimits } from "./run-cell";

export interface NotebookProgress {
  readonly notebook: string;
  /** 1-based number of the code cell that starts. */
  readonly cell: number;
  readonly cells: number;
  readonly id: string;
  /** Seconds from here to the end when the notebook was last run; null where that is not known. */
  readonly remainingSec: number | null;
}

export interface CellsOptions extends CellLimits {
  readonly onProgress?: (progress: NotebookProgress) => void;
}

/** How the cells of a notebook ended. */
export interface CellsEnd {
  readonly status: CellEnd["status"];
  /** False where no kernel came up: the notebook is left as it was. */
  readonly started: boolean;
  readonly message: string | null;
}

const VERBS = { ok: "ran", failed: "failed", interrupted: "was interrupted", dead: "ended" } as const;
const WRITE_EVERY_MS = 2000;
/** Such a cell is not run. */
const SKIP_TAG = "skip-execution";
/** The error of such a cell belongs to the notebook. */
const RAISES_TAG = "raises-exception";

/** The code cells of a notebook on their way through a kernel. */
export class NotebookCells {
  private readonly cells: readonly CodeCell[];
  private readonly remaining: readonly (number | null)[];
  private readonly collector = new OutputCollector();
  private writtenAt = 0;

  /**
   * @param path Where the notebook is written as it fills.
   * @param stored Results of the first cells from an earlier run.
   */
  constructor(
    private readonly notebook: Notebook,
    private readonly path: string,
    private readonly options: CellsOptions,
    private readonly stored: readonly StoredCell[],
  ) {
    this.cells = codeCells(notebook);
    this.remaining = remainingSeconds(this.cells);
  }

  /** Whether no cell needs a kernel. */
  get allStored(): boolean {
    return this.cells.length > 0 && this.stored.length === this.cells.length;
  }

  /** Cells whose results come from an earlier run. */
  get reused(): number {
    return this.stored.length;
  }

  /** Fills in the results of an earlier run. */
  takeStored(): CellsEnd {
    clearTimings(this.notebook);
    for (const [index, cell] of this.cells.entries()) this.restore(cell, this.stored[index]);
    return { status: "ok", started: true, message: null };
  }

  /** Runs the cells in order, up to the first that fails. */
  async run(kernel: KernelProcess): Promise<CellsEnd> {
    this.notebook.metadata.language_info = (await kernel.information()).language_info;
    clearTimings(this.notebook);
    for (const cell of this.cells) if (!isSkipped(cell)) OutputCollector.reset(cell);
    for (const [index, cell] of this.cells.entries()) {
      if (isSkipped(cell)) continue;
      const { id } = cell;
      const place = { notebook: basename(this.path), cell: index + 1, cells: this.cells.length, id };
      this.options.onProgress?.({ ...place, remainingSec: this.remaining[index] ?? null });
      const endTiming = startTiming();
      const end = await this.runOne(kernel, cell, index);
      const timing = endTiming(end.status === "ok");
      if (this.stored[index] === undefined) recordTiming(cell, timing);
      this.writeNow();
      if (end.status === "ok" || (end.status === "failed" && tagsOf(cell).includes(RAISES_TAG))) continue;
      const where = `cell ${index + 1} of ${this.cells.length} (${id})`;
      return {
        status: end.status,
        started: true,
        message: `${where} ${VERBS[end.status]} after ${timing.duration.toFixed(1)} s: ${end.reason}`,
      };
    }
    return { status: "ok", started: true, message: null };
  }

  /** A cell whose result is stored runs for its variables, which later cells need; its outputs stay. */
  private async runOne(kernel: KernelProcess, cell: CodeCell, index: number): Promise<CellEnd> {
    const stored = this.stored[index];
    const work = stored === undefined ? cell : { ...cell, outputs: [] };
    const end = await runCell(kernel, work, this.collector, this.options, () => {
      if (Date.now() - this.writtenAt > WRITE_EVERY_MS) this.writeNow();
    });
    if (stored !== undefined && end.status === "ok") this.restore(cell, stored);
    else if (stored !== undefined) cell.outputs = work.outputs;
    if (end.status !== "ok" || index < this.cells.length - 1) return end;
    return lastWords(kernel, cell);
  }

  private restore(cell: CodeCell, stored: StoredCell | undefined): void {
    if (stored === undefined || isSkipped(cell)) return;
    cell.outputs = stored.outputs;
    cell.execution_count = stored.execution_count;
    if (stored.papermill !== undefined) cell.metadata.papermill = stored.papermill;
  }

  private writeNow(): void {
    this.writtenAt = Date.now();
    writeNotebook(this.path, this.notebook);
  }
}

function isSkipped(cell: CodeCell): boolean {
  return tagsOf(cell).includes(SKIP_TAG) || cell.source.trim() === "";
}

/** Errors of timers and promises that surfaced when the last cell had ended fail it all the same. */
async function lastWords(kernel: KernelProcess, cell: CodeCell): Promise<CellEnd> {
  const reply = await kernel.flush();
  if (reply.status !== "error") return { status: "ok", reason: "" };
  const { ename, evalue, traceback } = reply;
  return failCell(cell, "failed", {
    ename: String(ename),
    evalue: String(evalue),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  });
}
