import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../storage/atomic-write";
import { cacheFolder } from "../storage/cache-folder";
import { makeFolder } from "../storage/make-folder";
import { PROJECT_ROOT } from "../storage/project-root";
import { OUTPUT } from "./notebook-file";
import type { CodeCell } from "./notebook-file";

const STORED = z.object({
  outputs: z.array(OUTPUT),
  execution_count: z.number().int().nullable(),
  // A cell that was not run has no timing.
  papermill: z.unknown().optional(),
});

/** The outputs of a cell that has run. */
export type StoredCell = z.infer<typeof STORED>;

/** Folders whose files are no data of a notebook. */
const NO_DATA = new Set(["node_modules", ".git", ".ipynb_checkpoints", "dist"]);
/** How far below a run's folder data are looked for; beside the notebook, only its own folder counts. */
const RUN_DEPTH = 4;
const LIBRARY_DEPTH = 8;

/**
 * Results of cells, kept by all that they depend on: the code of the cells up to them, the library, the
 * variables that steer it, and the data.
 */
export class NotebookCache {
  private readonly library: string;

  /**
   * @param source The notebook; files beside it count as data.
   * @param env Variables of the kernel.
   * @param project Folder of the library and of what it depends on.
   */
  constructor(
    private readonly source: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly folder = join(cacheFolder(), "notebook-cells"),
    project = PROJECT_ROOT,
  ) {
    const files = { [join(project, "dist")]: LIBRARY_DEPTH, [join(project, "package-lock.json")]: 0 };
    this.library = hashOfFiles(files, "content");
  }

  /** The stored cells, as many as there are without a gap. */
  read(cells: readonly CodeCell[]): readonly StoredCell[] {
    const found: StoredCell[] = [];
    for (const key of this.keys(cells)) {
      const stored = this.readOne(key);
      if (!stored) break;
      found.push(stored);
    }
    return found;
  }

  /** Stores cells that have run; the data count as they are now, with what the cells have added. */
  write(cells: readonly CodeCell[]): void {
    makeFolder(this.folder);
    for (const [index, key] of this.keys(cells).entries()) {
      const cell = cells[index];
      if (!cell) continue;
      const { outputs, execution_count, metadata } = cell;
      writeJsonAtomic(this.pathOf(key), { outputs, execution_count, papermill: metadata.papermill });
    }
  }

  private keys(cells: readonly CodeCell[]): readonly string[] {
    const hash = createHash("sha256").update(this.library).update(this.steering()).update(this.data());
    return cells.map(({ source, metadata }) => {
      hash.update(JSON.stringify([source, metadata.tags]));
      return hash.copy().digest("hex").slice(0, 32);
    });
  }

  private steering(): string {
    const names = Object.keys(this.env).filter((name) => /^(SYNTHMR|TF)_/.test(name));
    const variables = names.sort().map((name) => `${name}=${this.env[name]}`);
    return [process.version, process.arch, ...variables].join("\n");
  }

  private data(): string {
    const runs = this.env.SYNTHMR_RUN ?? join(PROJECT_ROOT, "runs");
    const manifests = join(PROJECT_ROOT, "data-manifests");
    return hashOfFiles({ [dirname(this.source)]: 1, [runs]: RUN_DEPTH, [manifests]: 1 }, "size and time");
  }

  private readOne(key: string): StoredCell | null {
    try {
      return STORED.parse(JSON.parse(readFileSync(this.pathOf(key), "utf8")));
    } catch {
      // Missing, or left by another version: the cell runs again.
      return null;
    }
  }

  private pathOf(key: string): string {
    return join(this.folder, `${key}.json`);
  }
}

/** @param roots Files and folders, and how many levels of each folder count. */
function hashOfFiles(roots: Readonly<Record<string, number>>, by: "content" | "size and time"): string {
  const hash = createHash("sha256");
  const add = (path: string, depth: number): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() && depth > 0) {
      for (const name of readdirSync(path).sort()) if (!NO_DATA.has(name)) add(join(path, name), depth - 1);
    } else if (found?.isFile() && by === "content") {
      if (/\.(js|json)$/.test(path)) hash.update(path).update(readFileSync(path));
    } else if (found?.isFile() && !/\.(ipynb|html)$/.test(path)) {
      hash.update(`${path}\n${found.size}\n${found.mtimeMs}\n`);
    }
  };
  for (const [root, depth] of Object.entries(roots)) add(root, depth);
  return hash.digest("hex");
}
