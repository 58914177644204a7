import { readdirSync, realpathSync, statSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { VOLUME_ENDING } from "./brats-names";

/** A folder that holds volumes, or that cannot be looked into. */
export interface VolumeFolder {
  readonly path: string;
  /** Names of its NIfTI files, sorted. */
  readonly names: readonly string[];
  /** Why it could not be listed. */
  readonly fault?: string;
}

/** BraTS nests two or three deep, archives unpacked into their own folder one more. */
const DEEPEST = 6;
const MOST_ENTRIES = 500_000;

/**
 * The folders below a folder that hold NIfTI files, itself included, in order of their paths. Links are
 * followed, each folder is looked into once; hidden entries are left out (macOS leaves `._` files in archives).
 *
 * @throws InputError if the folder itself cannot be listed, or holds more entries than a cohort ever would.
 */
export function findVolumeFolders(folder: string): readonly VolumeFolder[] {
  const found: VolumeFolder[] = [];
  const seen = new Set<string>();
  let entries = 0;
  const visit = (path: string, depth: number): void => {
    const real = realpathSync(path);
    if (seen.has(real)) return;
    seen.add(real);
    const listed = listEntries(path);
    entries += listed.length;
    if (entries > MOST_ENTRIES)
      throw new InputError(
        folder,
        `holds more than ${MOST_ENTRIES} files`,
        "Choose the folder of the cohort",
      );
    const folders = listed.filter((entry) => isFolder(path, entry));
    const names = listed.filter((entry) => !folders.includes(entry)).map(({ name }) => name);
    const volumes = names.filter((name) => VOLUME_ENDING.test(name));
    if (volumes.length > 0) found.push({ path, names: volumes });
    if (depth >= DEEPEST) return;
    for (const { name } of folders)
      try {
        visit(join(path, name), depth + 1);
      } catch (error) {
        const explained = explainFileError(join(path, name), error);
        if (!(explained instanceof InputError) || explained.subject === folder) throw explained;
        found.push({ path: join(path, name), names: [], fault: explained.reason });
      }
  };
  try {
    visit(folder, 0);
  } catch (error) {
    throw explainFileError(folder, error);
  }
  return found;
}

function listEntries(path: string): readonly Dirent[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A link that leads nowhere counts as a file: its reader says what is wrong with it. */
function isFolder(path: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(path, entry.name)).isDirectory();
  } catch {
    return false;
  }
}
