import { createRequire } from "node:module";
import { createConverter } from "tslab/dist/converter";
import type { Converter } from "tslab/dist/converter";
import { createExecutor } from "tslab/dist/executor";
import type { Executor } from "tslab/dist/executor";
import { bundleOf } from "../display/show";
import type { CellChannel } from "./cell-channel";
import type { StreamName } from "./cell-channel";
import { explainCellError } from "./cell-error";
import type { CellError } from "./cell-error";
import { CellScripts } from "./cell-scripts";
import { expandShorthand } from "./cell-source";

/** What became of one cell. */
export type CellOutcome =
  | { readonly status: "ok"; readonly executionCount: number }
  | { readonly status: "error"; readonly executionCount: number; readonly error: CellError }
  | { readonly status: "aborted" };

type DisplayWriter = (data: Readonly<Record<string, unknown>>, update: boolean) => void;

/** tslab's display functions, and the library's `show`, write through this variable of tslab's module. */
const tslabJupyter = createRequire(__filename)("tslab/dist/jupyter.js") as {
  lastWriteDisplayData: DisplayWriter | null;
};

/**
 * Runs cells one after the other with tslab's converter and executor, and gives what tslab alone does not:
 * the error of a cell that fails, errors in timers and in promises that nobody awaits, and the last
 * expression as a result with a MIME bundle.
 */
export class CellRunner {
  readonly executor: Executor;
  private queue: Promise<unknown> = Promise.resolve();
  private generation = 0;
  private executionCount = 0;
  private channel: CellChannel | null = null;
  private complaints: (readonly unknown[])[] = [];
  private stray: Error[] = [];
  private results: unknown[] = [];
  private readonly scripts = new CellScripts();

  /** @param folder The folder from which cells import. */
  constructor(folder: string) {
    this.scripts.install();
    const node = createConverter({ isJS: false, isBrowser: false });
    const converters = new NodeConverters(node);
    this.executor = createExecutor(folder, converters, {
      log: (value: unknown) => {
        this.results.push(value);
      },
      error: (...args: readonly unknown[]) => {
        this.complaints.push(args);
      },
    });
  }

  /** Runs a cell after those before it, unless one of them fails while this one waits. */
  run(code: string, channel: CellChannel): Promise<CellOutcome> {
    const generation = this.generation;
    const outcome = this.queue.then(() =>
      generation === this.generation ? this.execute(code, channel) : { status: "aborted" as const },
    );
    this.queue = outcome.then(
      () => undefined,
      () => undefined,
    );
    return outcome;
  }

  /** Records an error that no code caught; it fails the cell that runs, or the next one. */
  addStrayError(error: unknown): void {
    this.stray.push(error instanceof Error ? error : new Error(String(error)));
  }

  private async execute(code: string, channel: CellChannel): Promise<CellOutcome> {
    this.attach(channel);
    this.complaints = [];
    this.results = [];
    const executionCount = ++this.executionCount;
    this.scripts.start(executionCount, code);
    channel.send("execute_input", { code, execution_count: executionCount });

    const succeeded =
      (await this.executor.execute(expandShorthand(code))) &&
      (await this.publishResults(channel, executionCount));
    // Let errors of promises that nobody awaits surface before the cell is called a success.
    await new Promise((resolve) => setImmediate(resolve));
    const stray = this.stray.splice(0);
    if (succeeded && stray.length === 0) {
      for (const [format, ...args] of this.complaints) console.error(format, ...args);
      channel.flush();
      return { status: "ok", executionCount };
    }

    // Cells that wait already were sent before their sender could know of the failure.
    this.generation++;
    const error = explainCellError(
      succeeded ? stray.map((thrown) => [thrown]) : this.complaints,
      code,
      (frame) => this.scripts.describe(frame),
    );
    channel.send("error", { ...error });
    return { status: "error", executionCount, error };
  }

  private async publishResults(channel: CellChannel, executionCount: number): Promise<boolean> {
    try {
      for (const value of this.results)
        channel.send("execute_result", {
          execution_count: executionCount,
          data: await bundleOf(value),
          metadata: {},
        });
      return true;
    } catch (error) {
      this.complaints.push([error]);
      return false;
    }
  }

  /** Routes the process's streams and tslab's displays to the cell; what comes later stays with it. */
  private attach(channel: CellChannel): void {
    this.channel?.flush();
    this.channel = channel;
    const writer =
      (name: StreamName) =>
      (chunk: string | Uint8Array): boolean => {
        channel.write(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
        return true;
      };
    process.stdout.write = writer("stdout");
    process.stderr.write = writer("stderr");
    tslabJupyter.lastWriteDisplayData = (data, update) => {
      channel.send(update ? "update_display_data" : "display_data", data);
    };
  }
}

/** Cells run in Node alone, so that the browser's converter is the same. */
class NodeConverters {
  readonly browser: Converter;

  constructor(readonly node: Converter) {
    this.browser = node;
  }

  close(): void {
    this.node.close();
  }
}
