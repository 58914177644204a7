import { CellRunner } from "./cell-runner";
import { CellServer } from "./cell-server";
import { limitAmbientTypes, provideProjectPackages } from "./project-packages";
import { PROJECT_ROOT } from "../storage/project-root";

/**
 * Entry of the kernel's process: `node kernel-main.js CONNECTION_FILE`. Jupyter, VS Code and the headless
 * runner all start it, with the notebook's folder as working folder.
 */
async function main(): Promise<void> {
  const [connectionPath] = process.argv.slice(2);
  if (connectionPath === undefined) throw new Error("usage: kernel-main CONNECTION_FILE");
  endWithParent();
  limitAmbientTypes();
  provideProjectPackages(PROJECT_ROOT, process.cwd());

  const cells = new CellRunner(process.cwd());
  process.on("SIGINT", () => {
    cells.executor.interrupt();
  });
  process.on("uncaughtException", (error) => {
    cells.addStrayError(error);
  });
  process.on("unhandledRejection", (reason) => {
    cells.addStrayError(reason);
  });
  await new CellServer(cells, connectionPath).init();
}

/** A kernel whose client has died would wait for ever: its parent is another process then. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 1000).unref();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
