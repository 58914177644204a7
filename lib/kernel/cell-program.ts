import { statSync } from "node:fs";
import { join, sep } from "node:path";
import ts from "typescript";
import { PROJECT_ROOT } from "../storage/project-root";
import { cellCompilerOptions } from "./compiler-settings";

const PACKAGES = `${sep}node_modules${sep}`;

/**
 * What the type checker sees: one cell that is being written or run, the cells before it whose names still
 * live, the modules that they import, and nothing else. Cells are files that exist in memory alone, in the
 * kernel's folder, so that relative imports start there.
 */
export class CellProgram {
  readonly service: ts.LanguageService;
  private readonly options = cellCompilerOptions();
  private readonly texts = new Map<string, { readonly text: string; readonly version: string }>();
  private root: string;
  private changes = 0;
  private resolutions = this.newResolutions();

  /** @param folder The kernel's working folder. */
  constructor(private readonly folder: string) {
    this.root = this.pathOf("cell.ts");
    this.service = ts.createLanguageService(this.host());
  }

  pathOf(name: string): string {
    return join(this.folder, name);
  }

  /** Puts a text in the place of a file. */
  setText(path: string, text: string): void {
    if (this.texts.get(path)?.text === text) return;
    this.texts.set(path, { text, version: String(++this.changes) });
  }

  removeText(path: string): void {
    this.texts.delete(path);
  }

  /** Makes a file the one that is checked; packages that were missing before are looked for again. */
  focus(path: string): void {
    this.root = path;
    this.resolutions = this.newResolutions();
  }

  /** The checked program; null before a file has been given. */
  program(): ts.Program {
    const program = this.service.getProgram();
    if (!program) throw new Error("the language service has no program");
    return program;
  }

  /** Whether a file of the program is a module of the user's own, beside the notebook or above it. */
  isLocalModule(file: ts.SourceFile): boolean {
    const { fileName, isDeclarationFile } = file;
    return !isDeclarationFile && !this.texts.has(fileName) && !fileName.includes("/node_modules/");
  }

  private newResolutions(): ts.ModuleResolutionCache {
    return ts.createModuleResolutionCache(this.folder, (name) => name, this.options);
  }

  private host(): ts.LanguageServiceHost {
    const fileExists = (path: string): boolean => this.texts.has(path) || ts.sys.fileExists(path);
    const readFile = (path: string): string | undefined =>
      this.texts.get(path)?.text ?? ts.sys.readFile(path);
    const host: ts.LanguageServiceHost = {
      fileExists,
      readFile,
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
      getCompilationSettings: () => this.options,
      getCurrentDirectory: () => this.folder,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getScriptFileNames: () => (this.texts.has(this.root) ? [this.root] : []),
      getScriptVersion: (path) => this.texts.get(path)?.version ?? fileVersion(path),
      getScriptSnapshot: (path) => {
        const text = readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      resolveModuleNameLiterals: (literals, containing, redirected, options) =>
        literals.map(({ text }) => this.resolve(text, containing, options, redirected, host)),
    };
    if (ts.sys.realpath) host.realpath = ts.sys.realpath;
    return host;
  }

  /** What is not found from the notebook's folder is looked up in the project, as NODE_PATH does at run time. */
  private resolve(
    name: string,
    containing: string,
    options: ts.CompilerOptions,
    redirected: ts.ResolvedProjectReference | undefined,
    host: ts.ModuleResolutionHost,
  ): ts.ResolvedModuleWithFailedLookupLocations {
    const found = ts.resolveModuleName(name, containing, options, host, this.resolutions, redirected);
    if (found.resolvedModule || /^[./]/.test(name) || containing.includes(PACKAGES)) return found;
    return ts.resolveModuleName(name, join(PROJECT_ROOT, "cell.ts"), options, host, this.resolutions);
  }
}

/** Packages do not change while a kernel runs; modules beside the notebook do. */
function fileVersion(path: string): string {
  if (path.includes(PACKAGES) || path.endsWith(".d.ts")) return "1";
  try {
    return String(statSync(path).mtimeMs);
  } catch {
    return "missing";
  }
}
