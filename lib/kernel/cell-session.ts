import type { Publish } from "./cell-channel";
import { CellCompiler } from "./cell-compiler";
import { CellTraces } from "./cell-error";
import type { CellError } from "./cell-error";
import type { CellProcess } from "./cell-process";
import { CellHistory } from "./cell-history";

/** What a front end wants to be run. */
export interface CellOrder {
  readonly code: string;
  /** Nothing is shown or remembered. */
  readonly silent: boolean;
  readonly storeHistory: boolean;
  /** Whether a failure cancels the orders that wait. */
  readonly stopOnError: boolean;
  /** Expressions to be evaluated after the code, by names of the front end's own. */
  readonly expressions: Readonly<Record<string, string>>;
}

/** What became of an order. */
export type CellOutcome =
  | {
      readonly status: "ok";
      readonly executionCount: number;
      readonly expressions: Readonly<Record<string, unknown>>;
    }
  | { readonly status: "error"; readonly executionCount: number; readonly error: CellError }
  | { readonly status: "aborted" };

const MEMORY_REPORT = "%memory";
const FIRST_UNCOUNTED = 1_000_000;

/** The cells of one kernel: checked here, run one after the other in a process of their own. */
export class CellSession {
  readonly compiler: CellCompiler;
  readonly history = new CellHistory();
  private readonly traces = new CellTraces();
  private queue: Promise<unknown> = Promise.resolve();
  private generation = 0;
  private executionCount = 0;
  /** Cells without an execution count of their own are counted from far above. */
  private uncounted = FIRST_UNCOUNTED;

  constructor(
    folder: string,
    private readonly cells: CellProcess,
  ) {
    this.compiler = new CellCompiler(folder);
  }

  /**
   * Runs an order after those before it, unless one of these fails while it waits.
   *
   * @param onStart Called when it is its turn.
   */
  run(order: CellOrder, publish: Publish, onStart: () => void): Promise<CellOutcome> {
    const generation = this.generation;
    const outcome = this.queue.then(() => {
      onStart();
      return generation === this.generation ? this.execute(order, publish) : { status: "aborted" as const };
    });
    this.queue = outcome.then(
      () => undefined,
      () => undefined,
    );
    return outcome;
  }

  interrupt(): void {
    this.cells.interrupt();
  }

  /** Resolves when no cell runs and none waits. */
  async idle(): Promise<void> {
    await this.queue;
  }

  private async execute(order: CellOrder, publish: Publish): Promise<CellOutcome> {
    const { code, silent, storeHistory, stopOnError } = order;
    if (!silent && storeHistory) this.executionCount++;
    const executionCount = this.executionCount;
    const tell: Publish = silent ? () => undefined : publish;
    tell("execute_input", { code, execution_count: executionCount });
    const results: unknown[] = [];
    const number = !silent && storeHistory ? executionCount : ++this.uncounted;
    const error = await this.attempt(code, number, !silent, (type, content) => {
      if (type !== "execute_result") tell(type, content);
      else {
        results.push(content.data);
        tell(type, { ...content, execution_count: executionCount });
      }
    });
    if (!silent && storeHistory) this.history.add(executionCount, code, results[0]);
    if (error === null)
      return { status: "ok", executionCount, expressions: await this.evaluate(order.expressions) };
    // Cells that wait already were sent before their sender could know of the failure.
    if (stopOnError) this.generation++;
    tell("error", { ...error });
    return { status: "error", executionCount, error };
  }

  /** What each expression came to, as execute_reply tells it. */
  private async evaluate(expressions: CellOrder["expressions"]): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      let data: unknown = {};
      const error = await this.attempt(`(${expression})`, ++this.uncounted, true, (type, content) => {
        if (type === "execute_result") data = content.data;
      });
      values[name] = error ? { status: "error", ...error } : { status: "ok", data, metadata: {} };
    }
    return values;
  }

  /** @returns What went wrong, or null. */
  private async attempt(
    code: string,
    number: number,
    wantsResult: boolean,
    publish: Publish,
  ): Promise<CellError | null> {
    if (code.trim() === MEMORY_REPORT) {
      await this.cells.run({ type: "memory" }, publish);
      return null;
    }
    const unknown = /^\s*(%\S+)/.exec(code)?.[1];
    if (unknown !== undefined) return unknownCommand(unknown);
    const { cell, error } = this.compiler.compile(code, number);
    if (error) return error;
    const { script, map, imports, captured } = cell;
    this.traces.add(number, { code, map });
    const { thrown, kept } = await this.cells.run(
      { type: "run", number, script, imports, captured, wantsResult },
      publish,
    );
    this.compiler.keep(number, kept);
    return thrown === null ? null : this.traces.explain(thrown);
  }
}

function unknownCommand(command: string): CellError {
  const evalue = `${command} is no command of this kernel; there is ${MEMORY_REPORT}`;
  return { ename: "CommandError", evalue, traceback: [evalue] };
}
