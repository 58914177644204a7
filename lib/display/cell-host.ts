import type { MimeBundle } from "./displayable";

/** Sends a bundle to the running cell; with an id, so that a later call can put another in its place. */
export type CellOutput = (
  bundle: MimeBundle,
  display?: { readonly id: string; readonly update: boolean },
) => void;

/** What the kernel does for code that runs in a cell. */
export interface CellHost {
  readonly output: CellOutput;
  /** The number of the cell that runs, counted from the start of the process. */
  readonly cell: number;
  /** Removes the outputs of the running cell; with `wait`, when the next one comes. */
  clear(wait: boolean): void;
  /** Whether the user has interrupted the running cell. Work that asks is given the time to end its step. */
  interrupted(): boolean;
}

/** The kernel may have loaded other copies of these modules than the cell has. */
const KEY = Symbol.for("synthmr.cell-host");
const registry = globalThis as { [KEY]?: CellHost };

/** The kernel's end; null outside of a notebook. */
export function cellHost(): CellHost | null {
  return registry[KEY] ?? null;
}

/** Said once by the process that runs cells. */
export function setCellHost(host: CellHost): void {
  registry[KEY] = host;
}

/** The output of the cell that runs now, or null outside of a notebook. */
export function cellOutput(): CellOutput | null {
  return cellHost()?.output ?? null;
}
