/** What the kernel asks of the process that runs the cells. */
export type CellRequest =
  | {
      readonly type: "run";
      /** Number of the cell among those that have run, from 1. */
      readonly number: number;
      readonly script: string;
      readonly imports: readonly string[];
      /** The cell's own names that functions of it use. */
      readonly captured: readonly string[];
      /** Whether the last expression is wanted. */
      readonly wantsResult: boolean;
    }
  | { readonly type: "memory" };

/** A value that a cell threw, as far as it can be passed on. */
export interface ThrownValue {
  readonly name: string;
  readonly message: string;
  /** Frames of its stack, innermost first; those of a cause follow after a line that names it. */
  readonly frames: readonly string[];
}

/** What the process that runs the cells tells the kernel. */
export type CellReport =
  | { readonly type: "ready" }
  /** The cell begins: from now on an interruption is meant for it. */
  | { readonly type: "begin" }
  | { readonly type: "output"; readonly message: string; readonly content: Readonly<Record<string, unknown>> }
  | { readonly type: "end"; readonly thrown: ThrownValue | null; readonly kept: readonly string[] };

/** What the kernel and the watchdog of the cells share: places in an Int32Array. */
export const SHARED = { interrupts: 0, heeded: 1, polledAtSec: 2, size: 3 } as const;
