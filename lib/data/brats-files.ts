import { basename, join } from "node:path";
import { InputError } from "../errors";
import { SEQUENCES, type Sequence } from "../shape";
import type { LabelConvention } from "./brats-labels";
import { parseBratsName, SUBJECT_PARTS, SUFFIXES, type BratsName, type SubjectPart } from "./brats-names";
import { scanDecathlon } from "./decathlon-files";
import { findVolumeFolders, type VolumeFolder } from "./volume-files";

/** Where the five volumes of a subject are. */
export interface SubjectFiles {
  readonly id: string;
  readonly sequences: Readonly<Record<Sequence, string>>;
  readonly segmentation: string;
  /** Where one file holds every sequence: the place of each along its fourth axis. */
  readonly frames?: Readonly<Record<Sequence, number>>;
  /** Default: "brats". */
  readonly labels?: LabelConvention;
}

/** What was found of a subject, complete or not. */
export interface SubjectScan {
  readonly id: string;
  readonly folder: string;
  readonly parts: Readonly<Partial<Record<SubjectPart, string>>>;
  readonly frames?: SubjectFiles["frames"];
  readonly labels: LabelConvention;
  /** The file names that were expected and not found. */
  readonly missing: readonly string[];
  /** Why the subject cannot be used, apart from what is missing. */
  readonly faults: readonly string[];
  /** What was taken although it is not as BraTS names it. */
  readonly odd: readonly string[];
}

/**
 * The subjects of a BraTS folder by id: flat or nested, in the naming of the challenges until 2021
 * (`<id>_{t1,t1ce,t2,flair,seg}`) or since 2023 (`<id>-{t1n,t1c,t2w,t2f,seg}`), in any case of letters, or Task 1
 * of the Medical Segmentation Decathlon.
 *
 * @throws InputError if the folder is missing or holds no subject, or a subject lacks a file.
 */
export function listSubjects(folder: string): readonly SubjectFiles[] {
  return scanCohort(folder).map(completeFiles);
}

/** As listSubjects, with the faults noted in place of thrown. */
export function scanCohort(folder: string): readonly SubjectScan[] {
  const folders = findVolumeFolders(folder);
  const scans = scanDecathlon(folders) ?? scanBrats(folders);
  if (scans.length === 0)
    throw new InputError(
      folder,
      "holds no subject",
      "Expected files named <id>_{t1,t1ce,t2,flair,seg}.nii.gz or <id>-{t1n,t1c,t2w,t2f,seg}.nii.gz",
    );
  return withoutTwins([...scans].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)));
}

/** The files of a scan. @throws InputError naming what is missing or at fault. */
export function completeFiles(scan: SubjectScan): SubjectFiles {
  const { t1w, t1wGd, t2w, flair, segmentation } = scan.parts;
  const [fault] = scan.faults;
  if (fault !== undefined) throw new InputError(scan.folder, fault);
  if (!t1w || !t1wGd || !t2w || !flair || !segmentation)
    throw new InputError(scan.folder, `has no file ${scan.missing.join(", ")}`);
  const { id, labels, frames } = scan;
  const files = { id, sequences: { t1w, t1wGd, t2w, flair }, segmentation, labels };
  return frames === undefined ? files : { ...files, frames };
}

/** The files of one subject as they are found. */
interface Group {
  readonly folder: string;
  readonly files: Map<SubjectPart, { readonly path: string; readonly name: BratsName }>;
  readonly odd: string[];
}

function scanBrats(folders: readonly VolumeFolder[]): readonly SubjectScan[] {
  const groups = new Map<string, Group[]>();
  const unreadable: SubjectScan[] = [];
  for (const folder of folders) {
    if (folder.fault !== undefined) unreadable.push(unreadableSubject(folder.path, folder.fault));
    for (const [id, group] of groupFolder(folder)) addGroup(groups, id, group);
  }
  const scans = [...groups].flatMap(([id, found]) => found.map((group) => scanOf(id, group)));
  return [...scans, ...unreadable];
}

/** The subjects of one folder; where one of them lacks its annotation, an oddly named one may be it. */
function groupFolder({ path, names }: VolumeFolder): Map<string, Group> {
  const groups = new Map<string, Group>();
  const others: string[] = [];
  for (const file of names) {
    const name = parseBratsName(file);
    if (name === undefined) {
      others.push(file);
      continue;
    }
    const id = name.stem === "" ? basename(path) : name.stem;
    const group: Group = groups.get(id) ?? { folder: path, files: new Map(), odd: [] };
    groups.set(id, group);
    const before = group.files.get(name.part);
    // ".nii" sorts before ".nii.gz"; the compressed file is the one that BraTS ships.
    if (before !== undefined) group.odd.push(`${basename(before.path)} stands beside ${file}, which is used`);
    group.files.set(name.part, { path: join(path, file), name });
  }
  const [only] = groups;
  if (groups.size === 1 && only !== undefined) adoptSegmentation(only[0], only[1], others);
  return groups;
}

/** BraTS20_Training_355 ships its annotation as W39_1998.09.19_Segm.nii. */
function adoptSegmentation(id: string, { folder, files, odd }: Group, others: readonly string[]): void {
  const candidates = others.filter((name) => /seg/i.test(name));
  const [only] = candidates;
  if (only === undefined) return;
  if (candidates.length > 1 || files.has("segmentation")) {
    odd.push(...candidates.map((name) => `${name} may be an annotation too and is not read`));
    return;
  }
  odd.push(`${only} is taken for ${id}_seg.nii.gz`);
  const name = { stem: id, separator: "_", part: "segmentation", naming: undefined } as const;
  files.set("segmentation", { path: join(folder, only), name });
}

/** Images and annotations may stand in folders of their own: parts that do not overlap are one subject. */
function addGroup(groups: Map<string, Group[]>, id: string, group: Group): void {
  const same = groups.get(id) ?? [];
  const partner = same.find(({ files }) => ![...group.files.keys()].some((part) => files.has(part)));
  if (partner === undefined) groups.set(id, [...same, group]);
  else {
    for (const [part, file] of group.files) partner.files.set(part, file);
    partner.odd.push(...group.odd);
  }
}

function scanOf(id: string, { folder, files, odd }: Group): SubjectScan {
  const names = [...files.values()].map(({ name }) => name);
  const naming = names.find(({ naming: found }) => found !== undefined)?.naming ?? "until 2021";
  const mixed = names.some(({ naming: found }) => found !== undefined && found !== naming);
  const separator = names[0]?.separator ?? "_";
  return {
    id,
    folder,
    parts: Object.fromEntries([...files].map(([part, { path }]) => [part, path])),
    labels: naming === "since 2023" ? "since 2023" : "brats",
    missing: SUBJECT_PARTS.filter((part) => !files.has(part)).map(
      (part) => `${id}${separator === "" ? "_" : separator}${SUFFIXES[naming][part]}.nii.gz`,
    ),
    faults: [],
    odd: mixed ? [...odd, "its files follow two naming conventions"] : odd,
  };
}

function unreadableSubject(folder: string, fault: string): SubjectScan {
  return { id: basename(folder), folder, parts: {}, labels: "brats", missing: [], faults: [fault], odd: [] };
}

/** Notes the id that another subject has already. */
function withoutTwins(scans: readonly SubjectScan[]): readonly SubjectScan[] {
  const first = new Map<string, SubjectScan>();
  return scans.map((scan) => {
    const twin = first.get(scan.id);
    if (twin !== undefined)
      return { ...scan, faults: [...scan.faults, `its id stands in ${twin.folder} too`] };
    first.set(scan.id, scan);
    return scan;
  });
}

/** Every file of a subject, each once: the sequences in order, then the annotation. */
export function filesOf(files: SubjectFiles): readonly string[] {
  return [...new Set([...SEQUENCES.map((sequence) => files.sequences[sequence]), files.segmentation])];
}
