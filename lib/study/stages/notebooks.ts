import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RunError } from "../../errors";
import { runNotebook, type NotebookRun } from "../../kernel/run-notebook";
import { sha256 } from "../../storage/content-hash";
import { PROJECT_ROOT } from "../../storage/project-root";
import { codeHash } from "../code-hash";
import { runStage, type StageResult } from "../stage";
import type { Study } from "../study";

const schema = z.object({ notebooks: z.array(z.object({ name: z.string(), durationSec: z.number() })) });
export type NotebooksResult = z.infer<typeof schema>;

/** A notebook's cell failed, or its kernel died. */
export class NotebookError extends RunError {
  override readonly name = "NotebookError";

  constructor(readonly run: NotebookRun) {
    super(`${run.path}: ${run.message ?? run.status}`);
  }
}

/** The ordered notebooks of the project. */
export function notebookPaths(): readonly string[] {
  const folder = join(PROJECT_ROOT, "notebooks");
  return readdirSync(folder)
    .filter((name) => /^\d\d-.*\.ipynb$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Runs every notebook in a fresh kernel on the finished stages, with its outputs in the run folder. */
export async function notebooksStage(study: Study): Promise<StageResult<NotebooksResult>> {
  const { context } = study;
  const paths = notebookPaths();
  const stages = study.finished();
  return runStage<NotebooksResult>(context, {
    name: "notebooks",
    title: "Running the notebooks",
    settings: { code: codeHash(), sources: paths.map((path) => sha256(readFileSync(path))) },
    inputs: Object.fromEntries(stages.map((stage) => [stage.stage, stage])),
    schema,
    folderName: "notebooks",
    run: async (folder, report) => {
      const notebooks = [];
      for (const [i, path] of paths.entries()) {
        const run = await runNotebook({
          path,
          outFolder: folder,
          timeoutSec: 3600,
          env: { SYNTHMR_PROFILE: context.profile.name, SYNTHMR_RUN: context.runFolder },
          ...(context.signal === undefined ? {} : { signal: context.signal }),
          onProgress: ({ cell, cells }) => {
            const done = i + (cell - 1) / cells;
            report({ done, total: paths.length, unit: "notebooks", doneAtStart: 0 });
          },
        });
        context.signal?.throwIfAborted();
        if (run.status !== "ok") throw new NotebookError(run);
        notebooks.push({ name: path.slice(path.lastIndexOf("/") + 1), durationSec: run.durationSec });
      }
      return { result: { notebooks } };
    },
  });
}
