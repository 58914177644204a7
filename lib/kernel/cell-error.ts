import type { SourceMap } from "node:module";
import type { ThrownValue } from "./cell-protocol";

/** The content of an `error` output of nbformat and of a failed execute_reply. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

interface RunCell {
  readonly code: string;
  readonly map: SourceMap;
}

const CELL_FRAME = /\[cell (\d+)\]:(\d+):(\d+)/;
const INTERNAL_FRAME =
  /node:internal|node:vm|\bnode:(?:events|timers)|[\\/]kernel[\\/](?:cell-|kernel-|guard-)/;

/** The cells that have run, by which the stacks of errors are told in the cells' own lines. */
export class CellTraces {
  private readonly cells = new Map<number, RunCell>();

  add(number: number, cell: RunCell): void {
    this.cells.set(number, cell);
    // Functions of very old cells keep their names in stacks, but not their lines.
    if (this.cells.size > MOST_TRACED) this.cells.delete(this.cells.keys().next().value ?? 0);
  }

  /** The error of a cell from what it threw. */
  explain({ name, message, frames }: ThrownValue): CellError {
    const told = frames
      .filter((frame) => !INTERNAL_FRAME.test(frame))
      .map((frame) => this.describe(frame))
      .filter((frame, index, all) => frame !== "" && frame !== all[index - 1]);
    return { ename: name, evalue: message, traceback: [`${name}: ${message}`, ...told] };
  }

  /** `at cell 3, line 2: the line`; without folders of this machine; empty for the call of a cell as a whole. */
  private describe(frame: string): string {
    const [, number = 0, line = 0, column = 0] = CELL_FRAME.exec(frame)?.map(Number) ?? [];
    if (number === 0) return withoutFolders(frame);
    const cell = this.cells.get(number);
    if (!cell) return `    at cell ${number}`;
    const entry = cell.map.findEntry(line - 1, column - 1);
    const written = "originalLine" in entry ? entry.originalLine + 1 : line;
    const source = cell.code.split("\n")[written - 1];
    return source === undefined ? "" : `    at cell ${number}, line ${written}: ${source.trim()}`;
  }
}

const MOST_TRACED = 1000;

function withoutFolders(frame: string): string {
  return frame.replace(/(\(|at )(?:file:\/\/)?[^()\s]*?\/(node_modules|dist|lib)\//, "$1$2/");
}

/**
 * The error of a cell from the text that a kernel without error outputs writes to stderr: the printed error
 * with its stack.
 */
export function errorFromText(text: string): CellError {
  const lines = text.trimEnd().split("\n");
  const [first = ""] = lines;
  const named = /^(?:Uncaught )?(\w*(?:Error|Exception)): (.*)$/.exec(first);
  const [ename = "Error", evalue = first] = named?.slice(1) ?? [];
  return { ename, evalue, traceback: lines.map(withoutFolders) };
}
