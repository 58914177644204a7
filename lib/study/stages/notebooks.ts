import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { threadCount } from "../../backend/threads";
import { RunError } from "../../errors";
import { runNotebook, type NotebookRun } from "../../kernel/run-notebook";
import { sha256 } from "../../storage/content-hash";
import { PROJECT_ROOT } from "../../storage/project-root";
import { codeHash } from "../code-hash";
import type { Lanes } from "../run/lanes";
import { runStage, type StageResult, type StudyContext } from "../stage";
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

/**
 * Runs every notebook in a fresh kernel on the finished stages, with its outputs in the run folder.
 *
 * @param lanes Notebooks that run side by side; none needs another.
 */
export async function notebooksStage(study: Study, lanes: Lanes): Promise<StageResult<NotebooksResult>> {
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
      const shares = new Map<string, number>();
      const failed = new AbortController();
      const durations = new Map<string, number>();
      const runs = paths.map((path) =>
        lanes.run(async () => {
          const signal = AbortSignal.any([failed.signal, ...(context.signal ? [context.signal] : [])]);
          const onShare = (share: number): void => {
            const done = [...shares.set(path, share).values()].reduce((sum, part) => sum + part, 0);
            report({ done, total: paths.length, unit: "notebooks", doneAtStart: 0 });
          };
          try {
            durations.set(path, await runOne(context, { path, folder, lanes, signal, onShare }));
          } catch (error) {
            failed.abort(error);
          }
        }),
      );
      await Promise.all(runs);
      failed.signal.throwIfAborted();
      const notebooks = paths.map((path) => ({
        name: basename(path),
        durationSec: durations.get(path) ?? Number.NaN,
      }));
      return { result: { notebooks } };
    },
  });
}

interface NotebookTask {
  readonly path: string;
  /** Where it is written with its outputs. */
  readonly folder: string;
  readonly lanes: Lanes;
  readonly signal: AbortSignal;
  /** Told the share of its cells that are done. */
  readonly onShare: (share: number) => void;
}

/** @returns The seconds that it took. @throws NotebookError if a cell fails. */
async function runOne(
  { profile, runFolder, firstSeed, signal: stop }: StudyContext,
  { path, folder, lanes, signal, onShare }: NotebookTask,
): Promise<number> {
  signal.throwIfAborted();
  const run = await runNotebook({
    path,
    outFolder: folder,
    timeoutSec: 3600,
    env: {
      SYNTHMR_PROFILE: profile.name,
      SYNTHMR_RUN: runFolder,
      ...(firstSeed === undefined ? {} : { SYNTHMR_SEED: String(firstSeed) }),
      TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(threadCount() / lanes.count))),
    },
    signal,
    onProgress: ({ cell, cells }) => {
      onShare((cell - 1) / cells);
    },
  });
  stop?.throwIfAborted();
  if (run.status !== "ok") throw new NotebookError(run);
  onShare(1);
  return run.durationSec;
}
