import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellProcess } from "../../lib/kernel/cell-process";
import { CellSession } from "../../lib/kernel/cell-session";
import type { CellError } from "../../lib/kernel/cell-error";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

/** What a cell gave. */
export interface Ran {
  readonly status: "ok" | "error" | "aborted";
  readonly error: CellError | null;
  /** Text of the cell's result; null where it has none. */
  readonly result: string | null;
  /** What it printed, both streams in one. */
  readonly text: string;
  readonly outputs: readonly { readonly type: string; readonly content: Readonly<Record<string, unknown>> }[];
  readonly ms: number;
}

export interface TestSession {
  readonly session: CellSession;
  readonly folder: string;
  /** Whether the process that runs the cells has ended. */
  readonly died: () => boolean;
  run(code: string): Promise<Ran>;
  end(): void;
}

/** Cells in a process of their own, in an empty folder, without a front end. */
export function startSession(): TestSession {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "synthmr-session-")));
  process.env.TS_NODE_PROJECT = join(PROJECT_ROOT, "tsconfig.json");
  process.env.NODE_PATH = join(PROJECT_ROOT, "node_modules");
  let died = false;
  const cells = new CellProcess(folder, () => {
    died = true;
  });
  const session = new CellSession(folder, cells);
  return {
    session,
    folder,
    died: () => died,
    run: (code) => runIn(session, code),
    end: () => {
      cells.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runIn(session: CellSession, code: string): Promise<Ran> {
  const outputs: { type: string; content: Readonly<Record<string, unknown>> }[] = [];
  const order = { code, silent: false, storeHistory: true, stopOnError: true, expressions: {} };
  const started = performance.now();
  const outcome = await session.run(
    order,
    (type, content) => outputs.push({ type, content }),
    () => undefined,
  );
  const data = outputs.find(({ type }) => type === "execute_result")?.content.data as
    Record<string, string> | undefined;
  return {
    status: outcome.status,
    error: outcome.status === "error" ? outcome.error : null,
    result: data?.["text/plain"] ?? null,
    text: outputs
      .filter(({ type }) => type === "stream")
      .map(({ content }) => String(content.text))
      .join(""),
    outputs,
    ms: performance.now() - started,
  };
}
