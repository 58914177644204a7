import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { RunError } from "../errors";
import type { TunedRates, TuneRequest } from "./tune-process";

/** What can be chosen on a machine. */
export interface Setting {
  readonly processes: number;
  /** Threads of an operation, in each process. */
  readonly threads: number;
  readonly precision: "float32" | "mixed";
}

/** A setting whose processes are alive, and sleep until they are asked. */
export interface OpenSetting {
  /** Images a second of all processes together, in a few seconds' work. */
  measure(): Promise<TunedRates>;
  close(): void;
}

/** Starts a setting's processes; TensorFlow takes its number of threads once a process. */
export function openSetting({ processes, threads, precision }: Setting): OpenSetting {
  const all = Array.from({ length: processes }, () => new TuneProcess({ precision }, threads));
  return {
    measure: async () => {
      const sum: Record<string, number> = {};
      for (const rates of await Promise.all(all.map((one) => one.measure())))
        for (const [network, rate] of Object.entries(rates)) sum[network] = (sum[network] ?? 0) + rate;
      return sum;
    },
    close: () => {
      for (const one of all) one.close();
    },
  };
}

/** One process of `tune-process`. */
class TuneProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private waiting: { resolve: (rates: TunedRates) => void; reject: (error: Error) => void } | undefined;
  private errors = "";

  constructor(request: TuneRequest, threads: number) {
    const args = [...process.execArgv, require.resolve("./tune-process"), JSON.stringify(request)];
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads), TF_CPP_MIN_LOG_LEVEL: "3" };
    this.child = spawn(process.execPath, args, { env });
    this.child.stderr.on("data", (bytes: Buffer) => {
      this.errors = (this.errors + bytes.toString()).slice(-4000);
    });
    this.child.on("close", () => {
      const lines = this.errors.trim().split("\n");
      const reason = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? "";
      this.waiting?.reject(new RunError(`the measurement failed: ${reason.trim()}`));
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) this.waiting?.resolve(JSON.parse(line) as TunedRates);
    });
  }

  measure(): Promise<TunedRates> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.child.exitCode === null) this.child.stdin.write("\n");
      else reject(new RunError("the measurement's process has ended"));
    });
  }

  close(): void {
    this.waiting = undefined;
    this.child.kill();
  }
}
