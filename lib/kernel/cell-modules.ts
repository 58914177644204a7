import Module, { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import { PROJECT_ROOT } from "../storage/project-root";
import { LocalModules } from "./local-modules";

const NO_COMMONJS = new Set(["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE", "ERR_PACKAGE_PATH_NOT_EXPORTED"]);
const NOT_FOUND = new Set(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"]);

type Import = (name: string) => Promise<object>;

/**
 * Loads modules for cells: CommonJS and ES modules alike, from the notebook's folder, else from the project's
 * packages; TypeScript modules beside the notebook, anew when they have changed.
 */
export class CellModules {
  /** What scripts know as `require`. */
  readonly require: (name: string) => unknown;
  /** What scripts know as `import.meta`. */
  readonly meta: { readonly url: string; readonly dirname: string; readonly filename: string };
  private readonly fromFolder: NodeJS.Require;
  private readonly importers: readonly Import[];
  private readonly esModules = new Map<string, unknown>();
  private readonly local = new LocalModules();

  /** @param folder The kernel's working folder. */
  constructor(
    folder: string,
    private readonly onLoad: (name: string) => void,
  ) {
    const filename = join(folder, "cell.js");
    this.meta = { url: pathToFileURL(filename).href, dirname: folder, filename };
    this.fromFolder = createRequire(filename);
    this.importers = [importerAt(filename), importerAt(join(PROJECT_ROOT, "cell.js"))];
    this.require = (name) => {
      const loaded = this.esModules.has(name) ? this.esModules.get(name) : this.fromFolder(name);
      this.onLoad(name);
      return loaded;
    };
  }

  /** Loads ahead what a cell imports and `require` cannot load: modules that are ES modules alone. */
  async prepare(names: readonly string[]): Promise<void> {
    this.local.forgetChanged();
    for (const name of names) {
      if (this.esModules.has(name)) continue;
      try {
        this.require(name);
      } catch (error) {
        // Any other error is the cell's own: it surfaces in the line of the import.
        if (!NO_COMMONJS.has(codeOf(error))) continue;
        this.esModules.set(name, asCommonJs(await this.importEsModule(name)));
      }
    }
  }

  /** `import()` in a cell. */
  readonly import = async (name: string): Promise<object> => {
    if (!/^\.{0,2}\//.test(name)) return this.importEsModule(name);
    // Node cannot import TypeScript in every version; what `require` loads may be such a module.
    try {
      return asEsModule(this.fromFolder(name));
    } catch (error) {
      if (!NO_COMMONJS.has(codeOf(error))) throw error;
      return this.importEsModule(name);
    }
  };

  private async importEsModule(name: string): Promise<object> {
    const [here, fromProject] = this.importers as [Import, Import];
    try {
      return await here(name);
    } catch (error) {
      if (!NOT_FOUND.has(codeOf(error)) || /^[./]/.test(name)) throw error;
      return fromProject(name);
    }
  }
}

/** A native `import()` that looks for modules from a file's place. */
function importerAt(filename: string): Import {
  return new Script("(name) => import(name)", {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as Import;
}

/** The form in which compiled `import` statements expect a module. */
function asCommonJs(namespace: object): object {
  return Object.defineProperty({ ...namespace }, "__esModule", { value: true });
}

function asEsModule(exported: unknown): object {
  if (typeof exported !== "object" || exported === null) return { default: exported };
  return "__esModule" in exported ? exported : { ...exported, default: exported };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The packages of the project that are loaded in this process. */
export function loadedModule(pattern: RegExp): unknown {
  const { _cache: cache } = Module as unknown as { _cache: Record<string, NodeModule | undefined> };
  const path = Object.keys(cache).find((name) => pattern.test(name));
  return path === undefined ? undefined : cache[path]?.exports;
}
