import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explainFileError } from "../errors";
import { writeFileAtomic } from "../storage/atomic-write";
import { PROJECT_ROOT } from "../storage/project-root";

const NAME = "synthmr_papermill";
const MODULE = `${NAME}.py`;
const SOURCE = join(PROJECT_ROOT, "lib", "kernel", "papermill", MODULE);

/**
 * Teaches the papermill of a Python environment to write parameters in TypeScript, if it has papermill. The
 * files are those that pip would write, so that pip lists and removes them, too.
 *
 * @param prefix The environment's folder. @param version The project's.
 * @returns The folders of Python packages that were changed.
 */
export function installPapermillPlugin(prefix: string, version: string): readonly string[] {
  const folders = packageFolders(prefix).filter((folder) => existsSync(join(folder, "papermill")));
  for (const folder of folders) {
    removePlugin(folder);
    const information = join(folder, `${NAME}-${version}.dist-info`);
    writeFileAtomic(join(folder, MODULE), readFileSync(SOURCE, "utf8"));
    const metadata = `Metadata-Version: 2.1\nName: ${NAME.replace("_", "-")}\nVersion: ${version}\n`;
    writeFileAtomic(join(information, "METADATA"), metadata);
    writeFileAtomic(join(information, "INSTALLER"), "synthmr\n");
    writeFileAtomic(
      join(information, "entry_points.txt"),
      `[papermill.engine]\nsynthmr = ${NAME}:SynthMREngine\n`,
    );
    const files = ["METADATA", "INSTALLER", "entry_points.txt", "RECORD"];
    const record = [MODULE, ...files.map((file) => `${NAME}-${version}.dist-info/${file}`)];
    writeFileAtomic(join(information, "RECORD"), record.map((file) => `${file},,\n`).join(""));
  }
  return folders;
}

/** Removes what was installed; nothing where there is nothing. */
export function uninstallPapermillPlugin(prefix: string): void {
  for (const folder of packageFolders(prefix)) removePlugin(folder);
}

function removePlugin(folder: string): void {
  const ours = readdirSync(folder).filter((name) => name === MODULE || name.startsWith(`${NAME}-`));
  try {
    for (const name of ours) rmSync(join(folder, name), { recursive: true });
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

function packageFolders(prefix: string): readonly string[] {
  const library = join(prefix, "lib");
  const versions = existsSync(library) ? readdirSync(library).sort() : [];
  return [
    ...versions
      .filter((name) => /^python3\.\d+$/.test(name))
      .map((name) => join(library, name, "site-packages")),
    join(prefix, "Lib", "site-packages"),
  ].filter((folder) => existsSync(folder));
}
