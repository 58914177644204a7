import { readFileSync, statSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { sep } from "node:path";
import type { TranspileOptions, TranspileOutput } from "typescript";
import { CELL_EMIT } from "./emit-settings";

interface Loader {
  _extensions: Record<string, (module: NodeModule, path: string) => void>;
  _cache: Record<string, NodeModule | undefined>;
}

const loader = Module as unknown as Loader;

/** TypeScript modules of the user's own, which cells import by their path. */
export class LocalModules {
  private readonly loadedAt = new Map<string, number>();

  constructor() {
    const others = loader._extensions[".ts"];
    for (const ending of [".ts", ".cts"])
      loader._extensions[ending] = (module, path) => {
        if (others && isProjectsOwn(path)) {
          others(module, path);
          return;
        }
        this.loadedAt.set(path, statSync(path).mtimeMs);
        const compiled = transpile(readFileSync(path, "utf8"), path);
        (module as unknown as { _compile(code: string, path: string): void })._compile(compiled, path);
      };
    process.setSourceMapsEnabled(true);
  }

  /** Lets the next import of a module that has changed, and of those that may use it, load it anew. */
  forgetChanged(): void {
    if (![...this.loadedAt].some(([path, time]) => modifiedAt(path) !== time)) return;
    for (const path of this.loadedAt.keys()) Reflect.deleteProperty(loader._cache, path);
    this.loadedAt.clear();
  }
}

function transpile(code: string, path: string): string {
  // The compiler is large, and most notebooks import no TypeScript by its path.
  const ts = createRequire(__filename)("typescript") as {
    transpileModule(code: string, options: TranspileOptions): TranspileOutput;
  };
  return ts.transpileModule(code, {
    fileName: path,
    compilerOptions: { ...CELL_EMIT, sourceMap: false, inlineSourceMap: true, inlineSources: true },
  }).outputText;
}

/** Sources of the library, where this process runs from them. */
function isProjectsOwn(path: string): boolean {
  return path.startsWith(`${__dirname.slice(0, __dirname.lastIndexOf(sep))}${sep}`);
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.NaN;
  }
}
