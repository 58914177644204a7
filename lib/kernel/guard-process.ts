/** A call that would have ended the kernel with all that the notebook's cells have computed. */
class ExitRefusedError extends Error {
  override readonly name = "ExitRefusedError";

  constructor(call: string) {
    super(`${call} is refused in a cell: it would end the kernel. Throw an error, or restart the kernel`);
  }
}

/** Keeps the process alive whatever cells call, and its warnings to one each. */
export function guardProcess(): void {
  const refuse = (call: string) => (): never => {
    throw new ExitRefusedError(call);
  };
  process.exit = refuse("process.exit");
  process.abort = refuse("process.abort");
  Object.assign(process, { reallyExit: refuse("process.reallyExit") });
  showWarningsOnce();
}

function showWarningsOnce(): void {
  const shown = new Set<string>();
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    const text = `${name}: ${message}\n`;
    if (shown.has(text)) return;
    shown.add(text);
    process.stderr.write(text);
  });
}
