import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { explainFileError, InputError } from "../../errors";
import { SEQUENCES, type Sequence } from "../../shape";
import { filesOf, listSubjects, type SubjectFiles } from "../brats-cohort";

/**
 * Where the volumes of a cohort stand that is not in the layout of BraTS: file names without `.nii.gz`, the
 * same in each subject's folder. Sequences may be missing.
 */
export interface FileLayout {
  readonly sequences: Readonly<Partial<Record<Sequence, string>>>;
  readonly labels: string;
  /** `brats2015` where label 3 is non-enhancing tumour, counted to the necrotic core in later challenges. */
  readonly convention: "brats" | "brats2015";
  /** A brain mask; needed where intensities are shifted, so that the background is not 0. */
  readonly brain?: string;
}

/** The files of one subject, in the layout of BraTS or in another. */
export type AuditFiles =
  { readonly id: string; readonly brats: SubjectFiles } | { readonly id: string; readonly named: NamedFiles };

/** Paths of the files of a layout. */
export interface NamedFiles {
  readonly sequences: FileLayout["sequences"];
  readonly labels: string;
  readonly convention: FileLayout["convention"];
  readonly brain?: string;
}

/** Every file of a subject. */
export function pathsOf(files: AuditFiles): readonly string[] {
  if ("brats" in files) return filesOf(files.brats);
  const { sequences, labels, brain } = files.named;
  return [...Object.values(sequences), labels, ...(brain === undefined ? [] : [brain])];
}

/** The sequences that a subject has. */
export function sequencesOf(files: AuditFiles): readonly Sequence[] {
  if ("brats" in files) return SEQUENCES;
  return SEQUENCES.filter((sequence) => files.named.sequences[sequence] !== undefined);
}

/** An example, for messages and help. */
export const LAYOUT_EXAMPLE = "flair=Flair,t1wGd=T1c,labels2015=OTMultiClass,brain=brainmask";

const KEYS = [...SEQUENCES, "labels", "labels2015", "brain"] as const;

/**
 * Reads a layout as a user writes it, `key=name` with commas between: the keys are the sequences, `labels` or
 * `labels2015`, and `brain`.
 *
 * @throws InputError naming the part at fault.
 */
export function parseLayout(text: string, flag: string): FileLayout {
  const names = new Map<(typeof KEYS)[number], string>();
  for (const part of text.split(",")) {
    const [given = "", name = ""] = part.split("=").map((word) => word.trim());
    const key = KEYS.find((known) => known === given);
    if (key === undefined || !/^[\w.-]+$/.test(name))
      throw new InputError(`${flag}: ${part}`, `is not <key>=<name> with a key of ${KEYS.join(", ")}`);
    names.set(key, name.replace(/\.nii(\.gz)?$/, ""));
  }
  const labels = names.get("labels2015") ?? names.get("labels");
  const sequences = Object.fromEntries(
    SEQUENCES.flatMap((sequence) => {
      const name = names.get(sequence);
      return name === undefined ? [] : [[sequence, name]];
    }),
  );
  if (labels === undefined || Object.keys(sequences).length === 0)
    throw new InputError(flag, "names no labels or no sequence", `For example ${LAYOUT_EXAMPLE}`);
  const brain = names.get("brain");
  const convention = names.has("labels2015") ? "brats2015" : "brats";
  return { sequences, labels, convention, ...(brain === undefined ? {} : { brain }) };
}

/**
 * The subjects of a cohort: folders in the layout of BraTS, or in the one given.
 *
 * @throws InputError if the folder is missing or holds no subject, or a subject lacks a file.
 */
export function listAuditSubjects(folder: string, layout?: FileLayout): readonly AuditFiles[] {
  if (layout === undefined) return listSubjects(folder).map((brats) => ({ id: brats.id, brats }));
  const found = foldersOf(folder).filter((id) => findFile(join(folder, id), layout.labels) !== undefined);
  if (found.length === 0)
    throw new InputError(folder, `holds no subject: no folder in it has a file ${layout.labels}.nii.gz`);
  return found.map((id) => ({ id, named: namedFiles(join(folder, id), layout) }));
}

function namedFiles(folder: string, layout: FileLayout): NamedFiles {
  const find = (name: string): string => {
    const path = findFile(folder, name);
    if (path === undefined) throw new InputError(folder, `has no file ${name}.nii.gz`);
    return path;
  };
  const sequences = Object.fromEntries(
    Object.entries(layout.sequences).map(([sequence, name]) => [sequence, find(name)]),
  );
  const { convention, brain } = layout;
  return {
    sequences,
    labels: find(layout.labels),
    convention,
    ...(brain === undefined ? {} : { brain: find(brain) }),
  };
}

function findFile(folder: string, name: string): string | undefined {
  return [`${name}.nii.gz`, `${name}.nii`].map((file) => join(folder, file)).find((path) => existsSync(path));
}

/** Names of the folders in a folder, in order. */
function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw explainFileError(folder, error);
  }
}
