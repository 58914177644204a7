import ts from "typescript";

/** Whether a console should run a text at once, or wait for more lines. */
export type Completeness =
  { readonly status: "complete" | "invalid" } | { readonly status: "incomplete"; readonly indent: string };

/** Faults by which the scanner says that a text ends within a template, a comment or a regular expression. */
const UNENDED = new Set([1010, 1160, 1161]);
/** A string of one line that its line does not end. */
const UNENDED_STRING = 1002;
const INDENT = "  ";

/** Complete; incomplete where the only thing missing is at the end; invalid otherwise. */
export function completenessOf(code: string): Completeness {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: "cell.ts",
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  if (diagnostics.length === 0) return { status: "complete" };
  const end = code.trimEnd().length;
  const [first] = diagnostics;
  if (!first) return { status: "complete" };
  // A fault further up makes more lines useless, whatever is missing at the end.
  const isAtEnd = UNENDED.has(first.code) || ((first.start ?? 0) >= end && first.code !== UNENDED_STRING);
  return isAtEnd ? { status: "incomplete", indent: nextIndent(code) } : { status: "invalid" };
}

/** The last line's own indent, and one more where it opens a block. */
function nextIndent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  return /[{([]$/.test(line.trimEnd()) ? indent + INDENT : indent;
}
