import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import type { RoundTimes } from "../../lib/bench/timing";
import { RunError } from "../../lib/errors";

/** What a side answers to "open". */
export interface Opened {
  /** Number formats that it can be timed in. */
  readonly modes: readonly string[];
  /** Trained values of its networks; null where there is none. */
  readonly parameters: number | null;
  /** Floating-point operations of a step; null where they are not counted. */
  readonly operations: number | null;
  /** Images of a step; null where it works on something else. */
  readonly images: number | null;
}

/** What a side answers to "time". */
export interface Timed extends RoundTimes {
  readonly peakMemoryBytes: number;
}

/**
 * A process that is told in lines of JSON what to do, and answers each with one: {"do": "open" | "check" | "time",
 * ...} with the result or {"error"}. It sleeps in between, so that two of them can take turns.
 */
export class Side {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  private errors = "";

  constructor(
    private readonly name: string,
    [program = "", ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
  ) {
    this.child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr.on("data", (bytes: Buffer) => {
      this.errors = (this.errors + bytes.toString()).slice(-4000);
    });
    this.child.on("error", (error) => {
      this.fail(error.message);
    });
    this.child.on("close", (code) => {
      this.fail(`ended with code ${String(code)}`);
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      // Libraries may write lines of their own.
      if (line.startsWith("{")) this.waiting.shift()?.resolve(line);
    });
  }

  /** @throws RunError with the side's own words if it fails. */
  async ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    const line = await new Promise<string>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const answer = JSON.parse(line) as T & { readonly error?: string };
    if (answer.error !== undefined) throw new RunError(`${this.name}: ${answer.error}`);
    return answer;
  }

  /** Ends the process and waits until it has. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin.end();
    setTimeout(() => this.child.kill("SIGKILL"), 5000).unref();
    await closed;
  }

  private fail(reason: string): void {
    for (const { reject } of this.waiting.splice(0))
      reject(new RunError(`${this.name} ${reason}:\n${this.errors.trim()}`));
  }
}
