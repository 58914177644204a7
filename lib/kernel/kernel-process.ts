import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { extname, join } from "node:path";
import { createConnection } from "./connection";
import type { Connection } from "./connection";
import { KernelClient } from "./kernel-client";
import type { Reply } from "./kernel-client";
import type { Kernelspec } from "./find-kernelspec";
import type { Message } from "./message";
import { PROJECT_ROOT } from "../storage/project-root";
import { kernelEnvironment } from "./kernel-environment";

export interface KernelOptions {
  /** Working folder of the kernel: the notebook's own, as in JupyterLab. */
  readonly folder: string;
  /** An installed kernel; the project's own where left out. */
  readonly spec?: Kernelspec;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds until a kernel that does not answer is given up; 60 unless told. */
  readonly startTimeoutSec?: number;
}

/** The kernel's process ended although nobody had asked it to. */
export class DeadKernelError extends Error {
  override readonly name = "DeadKernelError";

  /**
   * @param ended How the process ended.
   * @param log The last lines that it wrote to its own streams, outside of any cell.
   */
  constructor(
    ended: string,
    readonly log: string,
  ) {
    super(`the kernel died (${ended})`);
  }
}

const ENTRY = join(__dirname, `kernel-main${extname(__filename)}`);
const KEPT_LOG = 4000; // characters
const STOP_GRACE_MS = 10_000;

/** A kernel that runs in a process group of its own, with the client's end of its channels. */
export class KernelProcess {
  private log = "";
  private stopping = false;
  private readonly client: KernelClient;
  private readonly exited: Promise<string>;
  private readonly killAtExit = (): void => {
    this.kill();
  };

  private constructor(
    private readonly child: ChildProcess,
    private readonly connection: Connection,
    private readonly interruptMode: Kernelspec["interrupt_mode"],
  ) {
    this.client = new KernelClient(connection.info, (fault) => {
      this.note(`dropped a message: ${fault.message}\n`);
    });
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => {
        resolve(error.message);
      });
      child.once("exit", (code, signal) => {
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.note(bytes.toString("utf8"));
      });
    process.once("exit", this.killAtExit);
  }

  /**
   * Starts a kernel and waits until it answers on every channel.
   *
   * @throws DeadKernelError if the process ends, or does not answer in time.
   */
  static async start(options: KernelOptions): Promise<KernelProcess> {
    const connection = await createConnection();
    const { argv, env, interrupt_mode } = options.spec ?? ownKernel();
    const [program = "", ...args] = argv.map((word) => word.replaceAll("{connection_file}", connection.path));
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, ...env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C in a terminal must reach the kernel through the runner alone, once.
      detached: true,
    });
    const kernel = new KernelProcess(child, connection, interrupt_mode);
    try {
      await kernel.handshake(options.startTimeoutSec ?? 60);
      return kernel;
    } catch (error) {
      await kernel.stop();
      throw error;
    }
  }

  /**
   * Runs the code of one cell.
   *
   * @throws DeadKernelError if the kernel ends before it answers.
   */
  execute(code: string, onOutput: (message: Message) => void): Promise<Reply> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    return this.whileAlive(this.client.request("shell", "execute_request", content, onOutput));
  }

  /** Runs nothing, so that the reply tells errors that have surfaced since the last cell. */
  flush(): Promise<Reply> {
    const content = {
      code: "",
      silent: true,
      store_history: false,
      user_expressions: {},
      allow_stdin: false,
    };
    return this.whileAlive(this.client.request("shell", "execute_request", content));
  }

  /** Name, version and language of the kernel. */
  information(): Promise<Reply> {
    return this.whileAlive(this.client.request("shell", "kernel_info_request", {}));
  }

  /** Whether the kernel's thread is free to answer. */
  responds(timeoutMs: number): Promise<boolean> {
    return this.client.heartbeat(timeoutMs);
  }

  /** Asks the running cell to stop, as the interrupt button of JupyterLab does. */
  interrupt(): void {
    if (this.interruptMode === "message") void this.client.request("control", "interrupt_request", {});
    else if (this.child.exitCode === null) this.child.kill("SIGINT");
  }

  /** Ends the kernel: asked first, so that a training can write its checkpoint, then by force. */
  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode === null && this.child.signalCode === null) {
      void this.client.request("control", "shutdown_request", { restart: false });
      const timer = setTimeout(() => {
        this.kill();
      }, graceMs);
      await this.exited;
      clearTimeout(timer);
    }
    process.removeListener("exit", this.killAtExit);
    this.client.close();
    this.connection.remove();
  }

  /** Ends the process group at once, workers that a cell has started included. */
  kill(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
    this.connection.remove();
  }

  /** iopub subscriptions take effect late, so the first request is repeated until its outputs arrive too. */
  private async handshake(timeoutSec: number): Promise<void> {
    const expires = Date.now() + timeoutSec * 1000;
    while (Date.now() < expires) {
      const answer = await Promise.race([this.information(), delay(150)]);
      if (answer !== undefined && (await this.responds(5000))) return;
    }
    throw new DeadKernelError(`no answer within ${timeoutSec} s of its start`, this.log.trim());
  }

  private async whileAlive<T>(work: Promise<T>): Promise<T> {
    const death = this.exited.then((ended) => {
      throw new DeadKernelError(this.stopping ? "stopped" : ended, this.log.trim());
    });
    return Promise.race([work, death]);
  }

  private note(text: string): void {
    this.log = (this.log + text).slice(-KEPT_LOG);
  }
}

/** The project's kernel, from its sources where this runs from them. */
function ownKernel(): Kernelspec {
  const fromSource = extname(__filename) === ".ts";
  const loader = fromSource ? ["-r", require.resolve("ts-node/register/transpile-only")] : [];
  // ts-node would look for its settings in the notebook's folder.
  const settings = fromSource ? { TS_NODE_PROJECT: join(PROJECT_ROOT, "tsconfig.json") } : {};
  return {
    argv: [process.execPath, ...loader, ENTRY, "{connection_file}"],
    env: { ...kernelEnvironment(process.env), ...settings },
    interrupt_mode: "signal",
  };
}

function delay(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined));
}
