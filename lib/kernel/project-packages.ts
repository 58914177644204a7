import * as ts from "@tslab/typescript-for-tslab";
import { basename, join, sep } from "node:path";

/**
 * Lets cells import the project's packages, with their types, from notebooks that stand outside the project.
 * tslab's type checker looks for packages in `node_modules` of the working folder and above; what it does not
 * find there is looked up in the project's. At run time NODE_PATH does the same.
 *
 * @param root The project's folder.
 * @param folder The kernel's working folder.
 */
export function provideProjectPackages(root: string, folder: string): void {
  if (`${folder}${sep}`.startsWith(`${root}${sep}`)) return;
  const wanted = `${join(folder, "node_modules")}${sep}`;
  const provided = `${join(root, "node_modules")}${sep}`;
  const { fileExists, directoryExists, getDirectories, readFile, realpath } = ts.sys;
  const forward = (path: string): string =>
    path.startsWith(wanted) && !fileExists(path) && !directoryExists(path)
      ? provided + path.slice(wanted.length)
      : path;

  ts.sys.fileExists = (path) => fileExists(forward(path));
  ts.sys.directoryExists = (path) => directoryExists(forward(path));
  ts.sys.getDirectories = (path) => getDirectories(forward(path));
  ts.sys.readFile = (path, encoding) => readFile(forward(path), encoding);
  if (realpath) ts.sys.realpath = (path) => realpath(forward(path));
}

/**
 * Gives cells the ambient types of Node and no others. TypeScript would read every package under
 * `node_modules/@types`, the types of a whole browser among them, in each kernel.
 */
export function limitAmbientTypes(): void {
  const { getDirectories } = ts.sys;
  ts.sys.getDirectories = (path) =>
    basename(path) === "@types"
      ? getDirectories(path).filter((name) => name === "node")
      : getDirectories(path);
}
