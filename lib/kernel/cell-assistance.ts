import ts from "typescript";
import type { CellCompiler } from "./cell-compiler";

/** Answer to complete_request. */
export interface Completions {
  readonly matches: readonly string[];
  /** Offsets in characters, as the protocol counts them. */
  readonly cursor_start: number;
  readonly cursor_end: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Kinds that JupyterLab knows, by those of TypeScript. */
const KINDS: Readonly<Record<string, string>> = {
  const: "instance",
  let: "instance",
  var: "instance",
  alias: "module",
};
const MOST_MATCHES = 500;

/**
 * The names that may stand at the cursor.
 *
 * @param cursor In characters.
 */
export function completionsAt(compiler: CellCompiler, code: string, cursor: number): Completions {
  const offset = unitsBefore(code, cursor);
  const path = compiler.draftFor(code);
  const found = compiler.program.service.getCompletionsAtPosition(path, offset, {
    includeCompletionsWithInsertText: false,
  });
  const typed = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, offset))?.[0] ?? "";
  const start = offset - typed.length;
  const entries = matching(found?.entries ?? [], typed).slice(0, MOST_MATCHES);
  const cursorStart = charactersIn(code.slice(0, start));
  const types = entries.map(({ name, kind }) => ({
    text: name,
    type: KINDS[kind] ?? kind,
    start: cursorStart,
    end: cursor,
  }));
  return {
    matches: entries.map(({ name }) => name),
    cursor_start: cursorStart,
    cursor_end: cursor,
    metadata: { _jupyter_types_experimental: types },
  };
}

/** Names that begin with what is typed; where there are none, letters may be of either case. */
function matching(entries: readonly ts.CompletionEntry[], typed: string): readonly ts.CompletionEntry[] {
  const sorted = [...entries].sort(
    (a, b) =>
      compare(a.sortText, b.sortText) ||
      compare(a.name.toLowerCase(), b.name.toLowerCase()) ||
      compare(a.name, b.name),
  );
  const exact = sorted.filter(({ name }) => name.startsWith(typed));
  if (exact.length > 0) return exact;
  return sorted.filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Type and documentation of the name at the cursor, or of the function whose arguments the cursor is in.
 *
 * @param cursor In characters.
 * @returns A MIME bundle; null where there is nothing to tell.
 */
export function inspectionAt(
  compiler: CellCompiler,
  code: string,
  cursor: number,
): Readonly<Record<string, string>> | null {
  const { service } = compiler.program;
  const path = compiler.draftFor(code);
  const offset = unitsBefore(code, cursor);
  const info = placesOf(code, offset, path, service)
    .map((place) => service.getQuickInfoAtPosition(path, place))
    .find((found) => found !== undefined);
  if (!info) return null;
  const type = ts
    .displayPartsToString(info.displayParts)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport \w+$/, "");
  const documentation = ts.displayPartsToString(info.documentation);
  const tags = (info.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trim());
  const parts = [documentation, ...tags].filter((text) => text !== "");
  return {
    "text/plain": [type, ...parts].join("\n\n"),
    "text/markdown": [`\`\`\`typescript\n${type}\n\`\`\``, ...parts].join("\n\n"),
  };
}

/** Where to look: at the cursor, just before it, and at the function that is called around it. */
function placesOf(
  code: string,
  offset: number,
  path: string,
  service: ts.LanguageService,
): readonly number[] {
  const places = [offset, Math.max(0, offset - 1)];
  const call = service.getSignatureHelpItems(path, offset, undefined)?.applicableSpan.start;
  const name =
    call === undefined ? null : /[\p{ID_Continue}$]+\s*(?:<[^()]*>)?\($/u.exec(code.slice(0, call));
  return name ? [...places, name.index] : places;
}

/** Jupyter counts characters, JavaScript units of UTF-16. */
function unitsBefore(code: string, characters: number): number {
  return [...code].slice(0, characters).join("").length;
}

function charactersIn(text: string): number {
  return [...text].length;
}
