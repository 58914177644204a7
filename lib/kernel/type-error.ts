import { relative } from "node:path";
import ts from "typescript";
import type { CellError } from "./cell-error";

const MOST_FAULTS = 10;

/**
 * The error of a cell that the type checker refuses: each fault with its file, line and the lines around it.
 *
 * @param faults At least one.
 * @param code The cell. @param number Of the cell among those that run.
 * @param path The path by which the checker knows the cell.
 */
export function typeError(
  faults: readonly ts.Diagnostic[],
  code: string,
  number: number,
  path: string,
): CellError {
  const told = faults.slice(0, MOST_FAULTS).map((fault) => describe(fault, code, number, path));
  const more = faults.length - told.length;
  return {
    ename: "TypeScriptError",
    evalue: told[0]?.heading ?? "",
    traceback: [
      ...told.flatMap(({ heading, frame }) => [heading, ...frame]),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
  };
}

function describe(
  { file, start = 0, length = 1, messageText, code: faultCode }: ts.Diagnostic,
  code: string,
  number: number,
  path: string,
): { heading: string; frame: readonly string[] } {
  const isCell = file === undefined || file.fileName === path;
  const source = isCell ? code : file.text;
  // What the checker misses at the end of a cell, it misses in the line that stands behind it.
  const from = Math.min(start, source.trimEnd().length);
  const before = source.slice(0, from).split("\n");
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  const place = isCell ? `cell ${number}` : relative(process.cwd(), file.fileName);
  const text = ts.flattenDiagnosticMessageText(messageText, "\n").replaceAll("__cell__.", "cell.");
  return {
    heading: `${place}, line ${line}, column ${column}: ${text} (TS${faultCode})`,
    frame: codeFrame(source.split("\n"), line, column, length),
  };
}

/** The line with the one before and after it, and a mark under the fault. */
function codeFrame(
  lines: readonly string[],
  line: number,
  column: number,
  length: number,
): readonly string[] {
  const first = Math.max(1, line - 1);
  const last = Math.min(lines.length, line + 1);
  const width = String(last).length;
  const frame: string[] = [];
  for (let i = first; i <= last; i++) {
    const text = lines[i - 1] ?? "";
    frame.push(`${i === line ? ">" : " "} ${String(i).padStart(width)} | ${text}`.trimEnd());
    const marks = "^".repeat(Math.max(1, Math.min(length, text.length - column + 1)));
    if (i === line) frame.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}${marks}`);
  }
  return frame;
}
