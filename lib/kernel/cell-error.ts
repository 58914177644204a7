import { PROJECT_ROOT } from "../storage/project-root";

/** The content of an `error` output of nbformat and of a failed execute_reply. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

const DIAGNOSTIC_FORMAT = "%s%d:%d - %s";
const INTERNAL_FRAME =
  /node:internal|node:vm|node_modules[\\/](tslab|ts-node)[\\/]|kernel[\\/](cell-|kernel-)/;

/**
 * What went wrong in a cell, from the calls to `console.error` by which tslab tells it: one for a thrown
 * value, one for each fault that the type checker found.
 *
 * @param calls The arguments of each call.
 * @param code The cell's source, from which type errors show their line.
 * @param describeFrame Says which line of which cell a frame of a stack is; null for a frame of no cell.
 */
export function explainCellError(
  calls: readonly (readonly unknown[])[],
  code: string,
  describeFrame: (frame: string) => string | null,
): CellError {
  const diagnostics = calls.filter((call) => call[0] === DIAGNOSTIC_FORMAT);
  if (diagnostics.length > 0) return typeError(diagnostics, code);
  const thrown = calls.at(-1)?.[0];
  if (!(thrown instanceof Error))
    return { ename: "Error", evalue: String(thrown), traceback: [String(thrown)] };
  return { ename: thrown.name, evalue: thrown.message, traceback: readableStack(thrown, describeFrame) };
}

function typeError(diagnostics: readonly (readonly unknown[])[], code: string): CellError {
  const lines = code.split("\n");
  const traceback = diagnostics.flatMap(([, file, line, column, text]) => {
    const place = `${String(file)}line ${String(line)}, column ${String(column)}: ${withoutRoot(String(text))}`;
    const source = file === "" ? lines[Number(line) - 1] : undefined;
    return source === undefined ? [place] : [place, `  ${source}`, `  ${" ".repeat(Number(column) - 1)}^`];
  });
  return { ename: "TypeScriptError", evalue: traceback[0] ?? "", traceback };
}

/** The stack without the frames of the kernel, and without the folders of this machine. */
function readableStack(error: Error, describeFrame: (frame: string) => string | null): string[] {
  const heading = `${error.name}: ${error.message}`;
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !INTERNAL_FRAME.test(line))
    .map((line) => {
      const inCell = describeFrame(line);
      if (inCell === null) return withoutFolders(line);
      return inCell === "" ? "" : `    at ${inCell}`;
    });
  return [heading, ...frames.filter((frame, index) => frame !== "" && frame !== frames[index - 1])];
}

/** Messages of the type checker name modules by their place on this machine. */
function withoutRoot(message: string): string {
  return message.replaceAll(`${PROJECT_ROOT}/`, "");
}

function withoutFolders(frame: string): string {
  return frame.replace(/(\(|at )(?:file:\/\/)?[^()\s]*?\/(node_modules|dist|lib)\//, "$1$2/");
}

/**
 * The error of a cell from the text that a plain tslab kernel writes to stderr: `3:7 - message` for a type
 * error, else the printed error with its stack.
 */
export function errorFromText(text: string): CellError {
  const lines = text.trimEnd().split("\n");
  const [first = ""] = lines;
  if (/^(\S+ )?\d+:\d+ - /.test(first)) return { ename: "TypeScriptError", evalue: first, traceback: lines };
  const named = /^(?:Uncaught )?(\w*(?:Error|Exception)): (.*)$/.exec(first);
  const [ename = "Error", evalue = first] = named?.slice(1) ?? [];
  return { ename, evalue, traceback: lines.map(withoutFolders) };
}
