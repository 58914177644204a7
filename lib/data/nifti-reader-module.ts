import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as NiftiReader from "nifti-reader-js";
import { InputError } from "../errors";

let loaded: typeof NiftiReader | undefined;

/**
 * The package nifti-reader-js, loaded when first needed.
 *
 * It is an ES module whose `exports` name the `import` condition alone, and a CommonJS build turns `import()`
 * into `require()`, which that condition refuses. Node since 20.19 and 22.12 can require an ES module by its
 * path, so its entry file is looked up in the folders that Node itself would search.
 */
export function niftiReader(): typeof NiftiReader {
  loaded ??= load();
  return loaded;
}

function load(): typeof NiftiReader {
  const folders = require.resolve.paths("nifti-reader-js") ?? [];
  const entry = folders
    .map((folder) => join(folder, "nifti-reader-js", "dist", "nifti.js"))
    .find((path) => existsSync(path));
  if (entry === undefined)
    throw new InputError("nifti-reader-js", `is not installed (looked in ${dirname(folders[0] ?? ".")})`);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
    return require(entry) as typeof NiftiReader;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_REQUIRE_ESM")
      throw new InputError(
        `Node ${process.version}`,
        "cannot load nifti-reader-js",
        "Use Node 20.19 or later",
      );
    throw error;
  }
}
