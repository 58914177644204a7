import { createRequire } from "node:module";
import { lineInCell } from "./cell-lines";

type RunInThisContext = (code: string, options?: object) => unknown;

const CELL_NAME = /\[cell (\d+)\]:(\d+):(\d+)/;
const vm = createRequire(__filename)("node:vm") as { runInThisContext: RunInThisContext };

/** Names the scripts that tslab makes of cells, so that a stack tells the cell and its line. */
export class CellScripts {
  private readonly cells = new Map<number, { readonly code: string; script: string }>();
  private current = 0;

  /** tslab runs cells by `vm.runInThisContext`; the name, and what Node forgets afterwards, are added there. */
  install(): void {
    const original = vm.runInThisContext;
    vm.runInThisContext = (script, options = {}) => {
      const cell = this.cells.get(this.current);
      if (cell) cell.script = script;
      try {
        return original(script, { ...options, filename: `[cell ${this.current}]` });
      } finally {
        restoreInterruptListeners();
      }
    };
  }

  /** Says which cell runs next. */
  start(executionCount: number, code: string): void {
    this.current = executionCount;
    this.cells.set(executionCount, { code, script: "" });
  }

  /**
   * A frame of a stack in the cell's own lines.
   *
   * @returns `cell 3, line 2: the line`; empty for the call of the cell as a whole; null for a frame of no cell.
   */
  describe(frame: string): string | null {
    const [, count, line, column] = CELL_NAME.exec(frame)?.map(Number) ?? [];
    const cell = this.cells.get(count ?? 0);
    if (cell === undefined || line === undefined || column === undefined) return null;
    const written = lineInCell(cell.code, cell.script, line, column);
    const source = cell.code.split("\n")[written - 1];
    return source === undefined ? "" : `cell ${count}, line ${written}: ${source.trim()}`;
  }
}

/**
 * A script that can be stopped by SIGINT takes the signal from Node and gives it back to the system's own
 * handler. Had the script itself listened, Node would not notice, and the next SIGINT would end the kernel.
 */
function restoreInterruptListeners(): void {
  const listeners = process.rawListeners("SIGINT") as ((signal: NodeJS.Signals) => void)[];
  process.removeAllListeners("SIGINT");
  for (const listener of listeners) process.on("SIGINT", listener);
}
