import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { SEQUENCES, type Sequence } from "../shape";

/** How BraTS 2020 and 2021 end the file names of a subject. */
export const FILE_SUFFIX = { t1w: "t1", t1wGd: "t1ce", t2w: "t2", flair: "flair" } as const satisfies Record<
  Sequence,
  string
>;

/** Where the five volumes of a subject are. */
export interface SubjectFiles {
  readonly id: string;
  readonly sequences: Readonly<Record<Sequence, string>>;
  readonly segmentation: string;
}

/** What stands in a subject's folder, complete or not. */
export interface SubjectScan {
  readonly id: string;
  readonly folder: string;
  readonly sequences: Readonly<Partial<Record<Sequence, string>>>;
  readonly segmentation: string | undefined;
  /** The file names that were expected and not found. */
  readonly missing: readonly string[];
  /** What was taken although it is not as BraTS names it. */
  readonly odd: readonly string[];
}

/**
 * The subjects of a BraTS folder, `<id>/<id>_{t1,t1ce,t2,flair,seg}.nii` or `.nii.gz`, by id.
 *
 * @throws InputError if the folder is missing or holds no subject, or a subject lacks a file.
 */
export function listSubjects(folder: string): readonly SubjectFiles[] {
  return scanCohort(folder).map(completeFiles);
}

/** As listSubjects, with the faults noted in place of thrown. Folders without any NIfTI file are left out. */
export function scanCohort(folder: string): readonly SubjectScan[] {
  const scans: SubjectScan[] = [];
  for (const entry of listFolder(folder)) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const scan = scanSubject(join(folder, entry.name), entry.name);
    if (scan !== undefined) scans.push(scan);
  }
  if (scans.length === 0)
    throw new InputError(
      folder,
      "holds no subject",
      "Expected folders <id> with the files <id>_{t1,t1ce,t2,flair,seg}.nii.gz",
    );
  return scans;
}

/** The files of a scan. @throws InputError naming the first file that is missing. */
export function completeFiles(scan: SubjectScan): SubjectFiles {
  const { t1w, t1wGd, t2w, flair } = scan.sequences;
  const { segmentation } = scan;
  if (!t1w || !t1wGd || !t2w || !flair || !segmentation)
    throw new InputError(scan.folder, `has no file ${scan.missing.join(", ")}`);
  return { id: scan.id, sequences: { t1w, t1wGd, t2w, flair }, segmentation };
}

/** @returns undefined where the folder cannot be listed (a dangling link) or holds no NIfTI file. */
function scanSubject(folder: string, id: string): SubjectScan | undefined {
  let names: readonly string[];
  try {
    names = listFolder(folder)
      .filter((entry) => !entry.isDirectory() && /\.nii(\.gz)?$/.test(entry.name))
      .map((entry) => entry.name);
  } catch {
    return undefined;
  }
  if (names.length === 0) return undefined;
  const missing: string[] = [];
  const odd: string[] = [];
  const find = (suffix: string): string | undefined => {
    const stem = `${id}_${suffix}`;
    const [first, second] = [`${stem}.nii.gz`, `${stem}.nii`].filter((name) => names.includes(name));
    if (second !== undefined) odd.push(`${second} stands beside ${first ?? ""}, which is used`);
    return first;
  };
  const sequences: Partial<Record<Sequence, string>> = {};
  for (const sequence of SEQUENCES) {
    const name = find(FILE_SUFFIX[sequence]);
    if (name === undefined) missing.push(`${id}_${FILE_SUFFIX[sequence]}.nii.gz`);
    else sequences[sequence] = join(folder, name);
  }
  const segmentation = find("seg") ?? findOddSegmentation(id, names, odd);
  if (segmentation === undefined) missing.push(`${id}_seg.nii.gz`);
  return {
    id,
    folder,
    sequences,
    segmentation: segmentation === undefined ? undefined : join(folder, segmentation),
    missing,
    odd,
  };
}

/** BraTS20_Training_355 ships its annotation as W39_1998.09.19_Segm.nii. */
function findOddSegmentation(id: string, names: readonly string[], odd: string[]): string | undefined {
  const candidates = names.filter((name) => /seg/i.test(name));
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return undefined;
  odd.push(`${only} is taken for ${id}_seg.nii.gz`);
  return only;
}

/** Entries of a folder by name, hidden ones left out (macOS leaves `._` files in archives). */
function listFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith("."))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw explainFileError(folder, error);
  }
}
