import { CellProcess } from "./cell-process";
import { CellSession } from "./cell-session";
import { readConnection } from "./connection";
import { packageVersion } from "./kernel-requests";
import { KernelServer } from "./kernel-server";
import { KernelSockets } from "./kernel-sockets";

/**
 * Entry of the kernel: `node kernel-main.js CONNECTION_FILE`. Jupyter, VS Code and the headless runner all
 * start it, with the notebook's folder as working folder.
 */
async function main(): Promise<void> {
  const [connectionPath] = process.argv.slice(2);
  if (connectionPath === "--version") {
    console.log(packageVersion());
    return;
  }
  if (connectionPath === undefined) throw new Error("usage: kernel-main CONNECTION_FILE | --version");
  endWithParent();
  const sockets = new KernelSockets(readConnection(connectionPath));
  let server: KernelServer | null = null;
  let ending = false;
  const processOfCells = new CellProcess(process.cwd(), (code, signal) => {
    if (ending) return;
    server?.tellRunningCell(`The kernel's process ended (${signal ?? `exit code ${code}`}).\n`);
    void sockets.close().finally(() => {
      endLike(code, signal);
    });
  });
  const end = (code: number): void => {
    ending = true;
    processOfCells.kill();
    void sockets.close().finally(() => process.exit(code));
  };

  const session = new CellSession(process.cwd(), processOfCells);
  server = new KernelServer(session, sockets, () => {
    end(0);
  });
  process.on("SIGINT", () => {
    session.interrupt();
  });
  process.on("SIGTERM", () => {
    end(143);
  });
  await sockets.open(server.handle.bind(server));
  // Most notebooks begin by importing the library: its types are read while the user still types.
  setImmediate(() => {
    session.compiler.warmUp();
  });
}

/** Front ends tell a kernel that crashed by how its process ended. */
function endLike(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code === null || code === 0 ? 1 : code);
}

/** A kernel whose client has died would wait for ever: its parent is another process then. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 1000).unref();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `synthmr kernel: ${error.message}` : error);
  process.exit(1);
});
