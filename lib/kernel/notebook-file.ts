import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { writeFileAtomic } from "../storage/atomic-write";

const FIELDS = z.record(z.string(), z.unknown());
/** Text that a file may hold whole or as lines; whole in memory. */
const TEXT = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);
/** A MIME bundle; lines of text are joined, JSON values stay as they are. */
const BUNDLE = z.record(z.string(), z.unknown()).transform((bundle) => mapValues(bundle, joinLines));

export const OUTPUT = z.discriminatedUnion("output_type", [
  z.object({ output_type: z.literal("stream"), name: z.enum(["stdout", "stderr"]), text: TEXT }),
  z.object({ output_type: z.literal("display_data"), data: BUNDLE, metadata: FIELDS }),
  z.object({
    output_type: z.literal("execute_result"),
    data: BUNDLE,
    metadata: FIELDS,
    execution_count: z.number().int().nullable(),
  }),
  z.object({
    output_type: z.literal("error"),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);

const CELL_FIELDS = {
  id: z
    .string()
    .regex(/^[a-zA-Z0-9-_]{1,64}$/)
    .optional(),
  metadata: FIELDS,
  source: TEXT,
};
const CELL = z.discriminatedUnion("cell_type", [
  z.object({
    ...CELL_FIELDS,
    cell_type: z.literal("code"),
    execution_count: z.number().int().nullable(),
    outputs: z.array(OUTPUT),
  }),
  z.object({ ...CELL_FIELDS, cell_type: z.literal("markdown"), attachments: FIELDS.optional() }),
  z.object({ ...CELL_FIELDS, cell_type: z.literal("raw"), attachments: FIELDS.optional() }),
]);
const NOTEBOOK = z.object({
  nbformat: z.literal(4),
  nbformat_minor: z.number().int().nonnegative(),
  metadata: FIELDS,
  cells: z.array(CELL),
});

/** One output of a cell, text whole. */
export type Output = z.infer<typeof OUTPUT>;
type ReadCell = z.infer<typeof CELL>;
/** One cell; every cell has an id. */
export type Cell = ReadCell & { id: string };
export type CodeCell = Extract<ReadCell, { cell_type: "code" }> & { id: string };

/** A Jupyter notebook, nbformat 4.5. */
export interface Notebook {
  metadata: Record<string, unknown>;
  cells: Cell[];
}

/**
 * Reads a notebook of nbformat 4.0 to 4.5. Cells without an id get one from their place and source.
 *
 * @throws InputError if the file is missing, is no JSON, or is no such notebook; it names the field.
 */
export function readNotebook(path: string): Notebook {
  const result = NOTEBOOK.safeParse(parseJson(path));
  if (!result.success) {
    const [issue] = result.error.issues;
    const field = issue?.path.map(String).join(".") ?? "";
    throw new InputError(
      path,
      `not a notebook of nbformat 4: ${field === "" ? "" : `${field}: `}${issue?.message}`,
    );
  }
  const cells = result.data.cells.map((cell, index) => ({
    ...cell,
    id: cell.id ?? cellId(index, cell.source),
  }));
  const repeated = cells.find((cell, index) => cells.findIndex(({ id }) => id === cell.id) !== index);
  if (repeated) throw new InputError(path, `two cells have the id "${repeated.id}"`);
  return { metadata: result.data.metadata, cells };
}

/** Writes a notebook as Jupyter does, with sorted keys and text as lines, so that a difference is readable. */
export function writeNotebook(path: string, notebook: Notebook): void {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: splitLines(cell.source),
    ...(cell.cell_type === "code" ? { outputs: cell.outputs.map(outputForFile) } : {}),
  }));
  const file = { cells, metadata: notebook.metadata, nbformat: 4, nbformat_minor: 5 };
  writeFileAtomic(path, `${JSON.stringify(sortKeys(file), null, 1)}\n`);
}

/** The code cells of a notebook, in order. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

function parseJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InputError(path, "not a notebook: the file is no valid JSON");
  }
}

function cellId(index: number, source: string): string {
  return createHash("sha256").update(`${index}\n${source}`).digest("hex").slice(0, 12);
}

function outputForFile(output: Output): unknown {
  if (output.output_type === "stream") return { ...output, text: splitLines(output.text) };
  if (output.output_type === "error") return output;
  const split = (value: unknown, type: string): unknown =>
    typeof value === "string" && (type.startsWith("text/") || type === "image/svg+xml")
      ? splitLines(value)
      : value;
  return { ...output, data: mapValues(output.data, split) };
}

function joinLines(value: unknown, type: string): unknown {
  const isText = !/^application\/(.*\+)?json$/.test(type);
  return isText && Array.isArray(value) ? value.join("") : value;
}

/** Lines with their line ends, as nbformat keeps them; none for an empty text. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function mapValues(
  record: Record<string, unknown>,
  change: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
