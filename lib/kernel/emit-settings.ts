import type { CompilerOptions } from "typescript";

const COMMONJS = 1;
const ES2022 = 9;

/**
 * How cells, and modules beside a notebook, become JavaScript. The numbers are those of the compiler's
 * enumerations, which is not loaded for them.
 */
export const CELL_EMIT: CompilerOptions = {
  module: COMMONJS,
  target: ES2022,
  alwaysStrict: true,
  esModuleInterop: true,
  sourceMap: true,
};

/** Names of the parameters of the function that a cell's script becomes. */
export const CELL_PARAMETERS = ["$cells", "$declare", "$import", "$meta", "require", "exports"] as const;
