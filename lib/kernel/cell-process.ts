import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { extname, join } from "node:path";
import type { Writable } from "node:stream";
import { CellChannel } from "./cell-channel";
import type { Publish, StreamName } from "./cell-channel";
import type { CellReport, CellRequest } from "./cell-protocol";

export type CellEnd = Omit<Extract<CellReport, { type: "end" }>, "type">;

const ENTRY = join(__dirname, `cell-main${extname(__filename)}`);
/** Place of the line to the watchdog among the child's streams. */
const WATCHDOG_LINE = 4;
/** Milliseconds in which a cell begins, unless what an earlier one has left blocks the thread. */
const BEGIN_MS = 1000;
const QUIET: Publish = () => undefined;

/**
 * The process that runs the cells, as the kernel sees it. It is one of its own so that the kernel stays able
 * to hear and to speak while a cell blocks its thread, and can tell how it died if it dies.
 */
export class CellProcess {
  private readonly child: ChildProcess;
  private readonly started: Promise<void>;
  private publish: Publish = QUIET;
  private native = new CellChannel(QUIET);
  private settle: ((end: CellEnd) => void) | null = null;
  private begun = false;
  private interruptAtBegin = false;
  /** Whether a cell was interrupted that may have left work which blocks the thread later. */
  private mayBeBlocked = false;

  /**
   * @param folder The working folder of cells.
   * @param onDeath Told how the process ended, whoever ended it.
   */
  constructor(folder: string, onDeath: (code: number | null, signal: NodeJS.Signals | null) => void) {
    this.child = spawn(process.execPath, [...nodeOptions(), ENTRY], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
      serialization: "advanced",
      // A group of its own: an interruption comes through the kernel alone, once, and ends what cells have started.
      detached: true,
    });
    this.child.once("exit", onDeath);
    this.child.once("error", () => {
      onDeath(1, null);
    });
    this.started = new Promise((resolve) => {
      this.child.on("message", (report: CellReport) => {
        if (report.type === "ready") resolve();
        else if (report.type === "begin") this.begin();
        else this.take(report);
      });
    });
    this.readNative("stdout");
    this.readNative("stderr");
    this.watchdogLine()?.on("error", () => undefined);
    process.on("exit", () => {
      this.kill();
    });
  }

  /** Runs a cell; its outputs are published as they come. */
  async run(request: CellRequest, publish: Publish): Promise<CellEnd> {
    const end = new Promise<CellEnd>((resolve) => {
      this.settle = resolve;
    });
    await this.started;
    this.publish = publish;
    this.native.end();
    this.native = new CellChannel(publish);
    this.child.send(request);
    if (this.mayBeBlocked) this.freeThread();
    const ended = await end;
    this.begun = false;
    this.interruptAtBegin = false;
    this.native.end();
    return ended;
  }

  /** Stops the running cell, even one that does not let go of its thread. */
  interrupt(): void {
    this.mayBeBlocked = true;
    if (this.begun) this.watchdogLine()?.write("i");
    else if (this.settle) {
      this.interruptAtBegin = true;
      this.freeThread();
    }
  }

  /** Ends the process and all that cells have started. */
  kill(): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null)
      return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }

  /** Stops what keeps the cell that was sent from beginning. */
  private freeThread(): void {
    const { settle } = this;
    setTimeout(() => {
      if (this.settle === settle && !this.begun) this.watchdogLine()?.write("i");
    }, BEGIN_MS).unref();
  }

  /** An interruption that came a moment too early would find no cell to stop. */
  private begin(): void {
    this.begun = true;
    this.mayBeBlocked = false;
    if (this.interruptAtBegin) this.interrupt();
  }

  private take(report: Exclude<CellReport, { type: "ready" | "begin" }>): void {
    if (report.type === "output") {
      this.publish(report.message, report.content);
      return;
    }
    const { settle } = this;
    this.settle = null;
    settle?.({ thrown: report.thrown, kept: report.kept });
  }

  /** What native code writes past JavaScript belongs to the cell, too. */
  private readNative(name: StreamName): void {
    this.child[name]?.setEncoding("utf8").on("data", (text: string) => {
      this.native.write(name, text);
    });
  }

  private watchdogLine(): Writable | null {
    return (this.child.stdio as (Writable | null)[])[WATCHDOG_LINE] ?? null;
  }
}

function nodeOptions(): string[] {
  return [
    ...process.execArgv,
    // Ending a script within a timer leaves Node's own bookkeeping one entry off, which is no reason to end.
    "--no-force-async-hooks-checks",
  ];
}
