import { Script } from "node:vm";
import { bundleOf } from "../display/show";
import type { Publish } from "./cell-channel";
import { CELL_PARAMETERS } from "./emit-settings";
import type { CellModules } from "./cell-modules";
import { SHARED } from "./cell-protocol";
import type { CellRequest, ThrownValue } from "./cell-protocol";
import { CellScope } from "./cell-scope";
import { TensorMemory } from "./tensor-memory";
import { describeAll } from "./thrown-value";

type RunRequest = Extract<CellRequest, { type: "run" }>;
type Names = Readonly<Record<string, () => unknown>>;
type Writes = Readonly<Record<string, (value: unknown) => void>>;
type CellFunction = (...parameters: readonly unknown[]) => Promise<unknown>;

/** How a cell ended: what it threw, and the names that it left. */
export interface CellEnding {
  readonly thrown: ThrownValue | null;
  readonly kept: readonly string[];
}

/** The user has stopped the cell. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Milliseconds in which work that looks at its AbortSignal may end the cell by itself. */
const OWN_END_MS = 1200;
/** The same before the next cell begins. */
const COOPERATIVE_END_MS = 20_000;
const OF_LATE_SEC = 20;

/** Runs cells, one after the other, on the main thread. */
export class CellThread {
  private readonly scope = new CellScope();
  private readonly memory = new TensorMemory();
  /** Ends the running cell with an error; null where none runs. */
  private fail: ((error: unknown) => void) | null = null;
  /** Errors of timers and of promises that nobody awaits, until a cell has told them. */
  private readonly stray: unknown[] = [];
  /** The order that runs: what one that was interrupted comes to later belongs to no cell. */
  private current: RunRequest | null = null;
  /** Whether the user has interrupted since the last cell began. */
  private stopped = false;
  /** The work of a cell that was interrupted; it may still write a checkpoint. */
  private ending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly modules: CellModules,
    private readonly output: Publish,
    private readonly shared: Int32Array,
  ) {
    process.on("SIGINT", () => {
      this.interrupt();
    });
    const onStray = (error: unknown): void => {
      this.stray.push(error);
      this.fail?.(error);
    };
    process.on("uncaughtException", onStray);
    process.on("unhandledRejection", onStray);
  }

  /** @param onBegin Called when the cell can be interrupted. */
  async run(request: RunRequest, onBegin: () => void): Promise<CellEnding> {
    await this.letWorkEnd();
    let reads: Names = {};
    let writes: Writes = {};
    const before = this.memory.measure();
    const failed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    this.current = request;
    onBegin();
    const errors: unknown[] = [];
    try {
      // An error of a cell that had ended: whoever wrote it must see it.
      if (this.stray.length > 0) throw this.stray[0];
      const work = this.work(request, (given, assignable) => {
        reads = given;
        writes = assignable;
      });
      this.ending = work.catch(() => undefined);
      await Promise.race([work, failed]);
      // Errors of promises that nobody awaits surface before the cell is called a success.
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), failed]);
    } catch (error) {
      errors.push(error);
    }
    failed.catch(() => undefined);
    this.fail = null;
    this.current = null;
    errors.push(...this.stray.splice(0));
    const { kept, replaced } = this.scope.adopt(reads, writes, request.captured);
    this.memory.release(replaced, this.scope.values());
    this.memory.record(request.number, before);
    return { thrown: describeAll(errors), kept };
  }

  /** Shows what the cells have left in memory. */
  reportMemory(): Promise<CellEnding> {
    const data = this.memory.report(this.scope.values());
    this.output("display_data", { data, metadata: {}, transient: {} });
    return Promise.resolve({ thrown: null, kept: [] });
  }

  private async work(request: RunRequest, declare: (reads: Names, writes: Writes) => void): Promise<void> {
    const { number, script, imports, wantsResult } = request;
    await this.modules.prepare(imports);
    if (this.current !== request) return;
    const opening = `(async function (${CELL_PARAMETERS.join(", ")}) { `;
    const cell = new Script(`${opening}${script}\n})`, {
      filename: `[cell ${number}]`,
      columnOffset: -opening.length,
    }).runInThisContext() as CellFunction;
    const { view } = this.scope;
    const { modules } = this;
    const value = await cell(view, declare, modules.import, modules.meta, modules.require, {});
    if (value === undefined || !wantsResult || this.current !== request) return;
    const data = await bundleOf(value);
    if (this.current === request) this.output("execute_result", { data, metadata: {} });
  }

  /** Asked by work that can stop by itself; told even while the signal has not reached this thread. */
  interrupted(): boolean {
    Atomics.store(this.shared, SHARED.polledAtSec, Math.floor(Date.now() / 1000));
    const { interrupts, heeded } = SHARED;
    return this.stopped || Atomics.load(this.shared, interrupts) > Atomics.load(this.shared, heeded);
  }

  /** Work that was told to stop must have stopped before the next cell makes it believe that it may go on. */
  private async letWorkEnd(): Promise<void> {
    if (this.stopped && this.isCooperative()) {
      const patience = new Promise((resolve) => setTimeout(resolve, COOPERATIVE_END_MS).unref());
      await Promise.race([this.ending, patience]);
    }
    this.stopped = false;
    // What an earlier cell has looked at says nothing of the next.
    Atomics.store(this.shared, SHARED.polledAtSec, 0);
  }

  private isCooperative(): boolean {
    return Math.floor(Date.now() / 1000) - Atomics.load(this.shared, SHARED.polledAtSec) <= OF_LATE_SEC;
  }

  /** Listeners of the cell hear the signal, too, and may write what they must before it is called stopped. */
  private interrupt(): void {
    const { fail } = this;
    const stop = (): void => {
      if (this.fail === fail) fail?.(new Interrupted("the cell was interrupted"));
    };
    this.stopped = true;
    if (this.isCooperative()) setTimeout(stop, OWN_END_MS);
    else stop();
    Atomics.store(this.shared, SHARED.heeded, Atomics.load(this.shared, SHARED.interrupts));
  }
}
