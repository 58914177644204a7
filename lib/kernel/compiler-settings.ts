import { join } from "node:path";
import ts from "typescript";
import { PROJECT_ROOT } from "../storage/project-root";

/**
 * How cells are checked: as strictly as the project's own code, by the settings of its `tsconfig.json`. Modules
 * are found as bundlers do, so that packages without a CommonJS form are seen, and names that a cell declares
 * need no use in the same cell.
 */
export function cellCompilerOptions(): ts.CompilerOptions {
  const path = join(PROJECT_ROOT, "tsconfig.json");
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as {
    config?: { compilerOptions?: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config?.compilerOptions ?? {}, PROJECT_ROOT);
  for (const name of NOT_FOR_CELLS) Reflect.deleteProperty(options, name);
  return {
    ...options,
    strict: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    emitDeclarationOnly: true,
    checkJs: false,
    typeRoots: [join(PROJECT_ROOT, "node_modules", "@types")],
    types: ["node"],
  };
}

const NOT_FOR_CELLS = [
  "noUnusedLocals",
  "noUnusedParameters",
  "ignoreDeprecations",
  "incremental",
  "tsBuildInfoFile",
  "noEmit",
  "rootDir",
  "outDir",
  "sourceMap",
] as const;
