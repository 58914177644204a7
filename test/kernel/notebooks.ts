import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { NotebookRun, RunNotebookOptions } from "../../lib/kernel/run-notebook";
import { runNotebook } from "../../lib/kernel/run-notebook";

const OUTPUT = z.looseObject({
  output_type: z.string(),
  text: z.array(z.string()).optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ename: z.string().optional(),
  evalue: z.string().optional(),
  traceback: z.array(z.string()).optional(),
});
const NOTEBOOK = z.looseObject({
  nbformat: z.number(),
  nbformat_minor: z.number(),
  metadata: z.record(z.string(), z.unknown()),
  cells: z.array(
    z.looseObject({
      id: z.string(),
      metadata: z.record(z.string(), z.unknown()),
      execution_count: z.number().nullable(),
      outputs: z.array(OUTPUT),
    }),
  ),
});

export type WrittenNotebook = z.infer<typeof NOTEBOOK>;

/** Writes code cells as a notebook into a folder of its own. */
export function writeCells(sources: readonly string[]): {
  readonly path: string;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), "synthmr-notebook-"));
  const path = join(folder, "cells.ipynb");
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index + 1}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  }));
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { path, remove };
}

export function readWritten(path: string): WrittenNotebook {
  return NOTEBOOK.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** Runs cells as a notebook in a fresh kernel and reads what was written. */
export async function runCells(
  sources: readonly string[],
  options: Omit<RunNotebookOptions, "path"> = {},
): Promise<{ readonly run: NotebookRun; readonly written: WrittenNotebook }> {
  const { path, remove } = writeCells(sources);
  try {
    const run = await runNotebook({ path, ...options });
    return { run, written: readWritten(path) };
  } finally {
    remove();
  }
}
