import { lstatSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { InputError } from "../errors";
import { SEQUENCES, type Sequence, type TumourClass } from "../shape";
import { sha256 } from "../storage/content-hash";
import { geometryDifference, hasPositive, subjectReader, type SubjectVolumes } from "./brats-cohort";
import type { SubjectFiles, SubjectScan } from "./brats-files";
import { toBratsFrame, type FramedVolume } from "./brats-frame";
import { classesOfLabels } from "./brats-labels";
import { SUBJECT_PARTS, type SubjectPart } from "./brats-names";
import { BRATS_SHAPE, type NiftiVolume } from "./nifti";
import type { Voxels } from "./nifti-voxels";
import { keptPositions } from "./study-slices";

/** What checking one subject found. */
export interface SubjectReport {
  readonly id: string;
  readonly folder: string;
  /** File names that were expected and not found. */
  readonly missing: readonly string[];
  /** Things that are used as they are although BraTS does them otherwise. */
  readonly odd: readonly string[];
  /** Why the subject cannot be used, everything that was found; empty where it can. */
  readonly faults: readonly string[];
  readonly shape: readonly number[] | null;
  /** Slices that the study's rule keeps. */
  readonly keptSlices: number | null;
  /** Voxels of each class. */
  readonly tumourVoxels: Readonly<Record<TumourClass, number>> | null;
  /** SHA-256 of the voxels of each part that could be read, in the BraTS frame. */
  readonly hashes: Readonly<Partial<Record<SubjectPart, string>>>;
}

/** What the study's rule needs, for those whose volumes were normalised. */
export const NO_SLICE_KEPT =
  "no slice is kept: the rule of the study needs T1-weighted intensities as scanned, background 0";

/** Reads every file of a subject and notes all that is wrong with each. */
export function checkSubject(scan: SubjectScan): SubjectReport {
  const faults = [...scan.faults];
  const odd = [...scan.odd];
  if (scan.missing.length > 0) faults.push(`has no file ${scan.missing.join(", ")}`);
  const parts = readParts(scan, faults, odd);
  const hashes = Object.fromEntries([...parts].map(([part, { data }]) => [part, hashOf(data)]));
  noteEqualParts(hashes, odd);
  const subject = faults.length === 0 ? subjectOf(scan.id, parts) : undefined;
  const [first] = parts.values();
  return {
    id: scan.id,
    folder: scan.folder,
    missing: scan.missing,
    shape: first?.shape ?? null,
    hashes,
    ...(subject === undefined ? { keptSlices: null, tumourVoxels: null } : describe(subject, faults, odd)),
    faults,
    odd,
  };
}

/** A part that was read: a sequence's intensities, or the classes of the annotation. */
type ReadPart = Pick<FramedVolume, "shape" | "data">;

function readParts(scan: SubjectScan, faults: string[], odd: string[]): Map<SubjectPart, ReadPart> {
  const parts = new Map<SubjectPart, ReadPart>();
  const read = subjectReader(filesAsFound(scan));
  let first: { readonly volume: FramedVolume; readonly path: string } | undefined;
  for (const part of SUBJECT_PARTS) {
    const path = scan.parts[part];
    if (path === undefined) continue;
    try {
      const volume = read(part);
      noteLink(path, odd);
      const framed = toBratsFrame(path, volume);
      noteGeometry(basename(path), volume, framed, odd);
      first ??= { volume: framed, path };
      const difference = geometryDifference(framed, first.volume, basename(first.path));
      if (difference !== undefined) faults.push(`${basename(path)}: ${difference}`);
      parts.set(part, { shape: framed.shape, data: checkedVoxels(scan, part, path, framed.data, odd) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(`${basename(error.subject)}: ${error.reason}`);
    }
  }
  return parts;
}

/** The files of a scan that may lack some; those are not asked for. */
function filesAsFound({ id, parts, frames }: SubjectScan): SubjectFiles {
  const path = (part: SubjectPart): string => parts[part] ?? "";
  const sequences = { t1w: path("t1w"), t1wGd: path("t1wGd"), t2w: path("t2w"), flair: path("flair") };
  const files = { id, sequences, segmentation: path("segmentation") };
  return frames === undefined ? files : { ...files, frames };
}

function checkedVoxels(
  scan: SubjectScan,
  part: SubjectPart,
  path: string,
  data: Voxels,
  odd: string[],
): Voxels {
  if (part === "segmentation") return classesOfLabels(path, data, scan.labels);
  if (!hasPositive(data)) throw new InputError(path, "has no voxel above zero");
  let negative = 0;
  // Counted by hand: an iterator over millions of voxels takes several times as long.
  for (let i = data.length - 1; i >= 0; i--) if ((data[i] as number) < 0) negative++;
  if (negative > 0) odd.push(`${basename(path)}: ${negative} voxels are negative and count as 0`);
  return data;
}

/** Links are followed, wherever they lead; the reader should know. */
function noteLink(path: string, odd: string[]): void {
  if (lstatSync(path).isSymbolicLink())
    odd.push(`${basename(path)}: is a link to ${realpathSync(path)}, which is read`);
}

function noteGeometry(name: string, volume: NiftiVolume, framed: FramedVolume, odd: string[]): void {
  if (volume.orientation === "none") odd.push(`${name}: gives no orientation, taken for that of BraTS`);
  if (framed.data !== volume.data) odd.push(`${name}: stored in another axis order, turned to that of BraTS`);
  if (volume.spacingMm.some((size) => Math.abs(size - 1) > 1e-3))
    odd.push(
      `${name}: voxels of ${volume.spacingMm.map((size) => +size.toFixed(3)).join(" x ")} mm, expected 1 mm`,
    );
}

function noteEqualParts(hashes: Partial<Record<SubjectPart, string>>, odd: string[]): void {
  SEQUENCES.forEach((sequence, i) => {
    const same = SEQUENCES.slice(0, i).find(
      (earlier) => hashes[earlier] !== undefined && hashes[earlier] === hashes[sequence],
    );
    if (same !== undefined) odd.push(`${sequence} has the voxels of ${same}`);
  });
}

function subjectOf(id: string, parts: ReadonlyMap<SubjectPart, ReadPart>): SubjectVolumes {
  const part = (name: Sequence | "segmentation"): ReadPart => {
    const found = parts.get(name);
    if (found === undefined) throw new Error(`${id} has no ${name} although it is complete`);
    return found;
  };
  const [t1w, t1wGd, t2w, flair] = SEQUENCES.map((name) => part(name).data) as [
    Voxels,
    Voxels,
    Voxels,
    Voxels,
  ];
  const { shape, data } = part("segmentation");
  return { id, shape, sequences: { t1w, t1wGd, t2w, flair }, classes: data as Uint8Array };
}

function describe(
  subject: SubjectVolumes,
  faults: string[],
  odd: string[],
): Pick<SubjectReport, "keptSlices" | "tumourVoxels"> {
  const { shape, classes } = subject;
  const inPlane = shape[0] === BRATS_SHAPE[0] && shape[1] === BRATS_SHAPE[1];
  if (!inPlane) faults.push(`has the shape ${shape.join(" x ")}, expected ${BRATS_SHAPE.join(" x ")}`);
  else if (shape[2] !== BRATS_SHAPE[2]) odd.push(`${shape[2]} axial slices, expected ${BRATS_SHAPE[2]}`);
  const counts = [0, 0, 0, 0];
  for (const index of classes) counts[index] = (counts[index] ?? 0) + 1;
  const [, necroticCore = 0, edema = 0, enhancingTumour = 0] = counts;
  if (necroticCore + edema + enhancingTumour === 0) odd.push("no tumour");
  const keptSlices = inPlane ? keptPositions(subject).length : null;
  // First: nothing can be made of the subject, and normalised intensities are noted once a file.
  if (keptSlices === 0) odd.unshift(NO_SLICE_KEPT);
  return { keptSlices, tumourVoxels: { necroticCore, edema, enhancingTumour } };
}

function hashOf(data: Voxels): string {
  return sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
