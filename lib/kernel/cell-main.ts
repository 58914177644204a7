import { Worker } from "node:worker_threads";
import { extname, join } from "node:path";
import { setCellHost } from "../display/cell-host";
import { CellChannel } from "./cell-channel";
import type { StreamName } from "./cell-channel";
import { CellModules } from "./cell-modules";
import { SHARED } from "./cell-protocol";
import type { CellReport, CellRequest } from "./cell-protocol";
import { CellThread } from "./cell-thread";
import { guardProcess } from "./guard-process";
import { describeThrown } from "./thrown-value";

/**
 * Entry of the process that runs the cells, in the notebook's folder. The kernel that has started it checks
 * them, speaks with the front end, and hears interruptions while this process is busy.
 */
function main(): void {
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.size));
  new Worker(join(__dirname, `watchdog${extname(__filename)}`), { workerData: shared.buffer }).unref();

  let channel = new CellChannel(publish);
  let cell = 0;
  const output = (type: string, content: Readonly<Record<string, unknown>>): void => {
    channel.send(type, content);
  };
  routeStreams(() => channel);
  guardProcess();
  const thread = new CellThread(new CellModules(process.cwd(), connectTslab(output)), output, shared);
  provideHost(output, {
    cell: () => cell,
    interrupted: () => thread.interrupted(),
  });

  process.on("message", (request: CellRequest) => {
    // Text that a cell prints when it has ended goes to the cell that runs then.
    channel.end();
    channel = new CellChannel(publish);
    cell++;
    const ended = (end: Omit<Extract<CellReport, { type: "end" }>, "type">): void => {
      channel.end();
      send({ type: "end", ...end });
    };
    const begin = (): void => {
      send({ type: "begin" });
    };
    const work = request.type === "run" ? thread.run(request, begin) : thread.reportMemory();
    work.then(ended, (error: unknown) => {
      ended({ thrown: describeThrown(error), kept: [] });
    });
  });
  send({ type: "ready" });
}

function send(report: CellReport): void {
  // The kernel's end of the line is gone when it has died; the watchdog ends this process then.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

function publish(message: string, content: Readonly<Record<string, unknown>>): void {
  send({ type: "output", message, content });
}

/** What the process prints becomes output of the cell. */
function routeStreams(channel: () => CellChannel): void {
  const writer =
    (name: StreamName) =>
    (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      channel().write(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      const written = rest.at(-1);
      if (typeof written === "function") process.nextTick(written as () => void);
      return true;
    };
  process.stdout.write = writer("stdout");
  process.stderr.write = writer("stderr");
}

function provideHost(
  output: (type: string, content: Readonly<Record<string, unknown>>) => void,
  running: { readonly cell: () => number; readonly interrupted: () => boolean },
): void {
  const clear = (wait: boolean): void => {
    output("clear_output", { wait });
  };
  setCellHost({
    output: (data, display) => {
      const transient = display === undefined ? {} : { display_id: display.id };
      output(display?.update ? "update_display_data" : "display_data", { data, metadata: {}, transient });
    },
    get cell() {
      return running.cell();
    },
    clear,
    interrupted: running.interrupted,
  });
  console.clear = () => {
    clear(false);
  };
}

/** The display functions of the package "tslab" write through a variable of one of its modules. */
function connectTslab(
  output: (type: string, content: Readonly<Record<string, unknown>>) => void,
): (name: string) => void {
  return (name) => {
    if (name !== "tslab") return;
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when a cell has loaded tslab
    const jupyter = require("tslab/dist/jupyter.js") as {
      lastWriteDisplayData: (data: Record<string, unknown>, update: boolean) => void;
    };
    jupyter.lastWriteDisplayData = (data, update) => {
      output(update ? "update_display_data" : "display_data", data);
    };
  };
}

main();
