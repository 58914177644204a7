import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { SLICE_CHANNELS } from "../shape";
import { writeFileAtomic } from "../storage/atomic-write";
import { encodePng } from "../storage/encode-png";
import { antiTranspose, readGreyPng, type PngOrientation } from "./grey-png";
import type { SliceSet } from "./slice-set";

export type { PngOrientation } from "./grey-png";

/** The study's folder and file ending of each channel, in the order of the channels here. */
const CHANNEL_FILES = [
  { folder: "T1", ending: "T1" },
  { folder: "T1CE", ending: "T1ce" },
  { folder: "T2", ending: "T2" },
  { folder: "FLAIR", ending: "flair" },
  { folder: "Seg", ending: "seg" },
] as const;

/**
 * Writes the slices as the study does: folders T1, T2, T1CE, FLAIR, Seg and files
 * `Subject_<id>_slice_<z>_<T1|T2|T1ce|flair|seg>.png`, 8-bit grey.
 *
 * @throws InputError if two subjects would get the same id, or the folder cannot be written.
 */
export function writePngSlices(folder: string, set: SliceSet, orientation: PngOrientation = "study"): void {
  const ids = set.subjects.map(studyId);
  const same = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (same >= 0)
    throw new InputError(`subject ${set.subjects[same] ?? ""}`, `has the id ${ids[same] ?? ""} of another`);
  for (let n = 0; n < set.count; n++) {
    const stem = `Subject_${ids[set.subjectOf[n] ?? 0] ?? ""}_slice_${set.z[n] ?? 0}`;
    writePngSlice(folder, stem, set, n, orientation);
  }
}

/** Writes one slice of a set as the study does, its files named `<stem>_<T1|T2|T1ce|flair|seg>.png`. */
export function writePngSlice(
  folder: string,
  stem: string,
  set: SliceSet,
  n: number,
  orientation: PngOrientation,
): void {
  const { size } = set;
  CHANNEL_FILES.forEach(({ folder: name, ending }, channel) => {
    const grey = channelOf(set, n, channel);
    const pixels = orientation === "study" ? antiTranspose(grey, size) : grey;
    writeFileAtomic(
      join(folder, name, `${stem}_${ending}.png`),
      encodePng({ width: size, height: size, channels: 1, bytes: pixels }),
    );
  });
}

/**
 * Reads slices in the study's layout; folder names in any case (generators wrote T1ce, flair, SEG).
 *
 * @returns Slices by subject, then by z.
 * @throws InputError naming the folder or PNG that is missing, broken or of another size.
 */
export function readPngSlices(
  folder: string,
  options: { readonly simulated: boolean; readonly orientation?: PngOrientation },
): SliceSet {
  const folders = channelFolders(folder);
  const slices = listSlices(folders[0] ?? folder);
  const subjects = [...new Set(slices.map(({ id }) => id))];
  const first = slices[0];
  if (first === undefined) throw new InputError(folder, "holds no PNG named Subject_<id>_slice_<z>_T1.png");
  const size = readGreyPng(pngPath(folders, 0, first.stem), undefined).size;
  const pixels = size * size;
  const images = new Uint8Array(slices.length * pixels * SLICE_CHANNELS);
  slices.forEach(({ stem }, n) => {
    CHANNEL_FILES.forEach((_, channel) => {
      const { grey } = readGreyPng(pngPath(folders, channel, stem), size);
      const upright = options.orientation === "upright" ? grey : antiTranspose(grey, size);
      for (let i = 0; i < pixels; i++)
        images[(n * pixels + i) * SLICE_CHANNELS + channel] = upright[i] as number;
    });
  });
  return {
    size,
    count: slices.length,
    images,
    subjects,
    subjectOf: Int32Array.from(slices, ({ id }) => subjects.indexOf(id)),
    z: Int32Array.from(slices, ({ z }) => z),
    simulated: options.simulated,
    source: `${options.simulated ? "simulated " : ""}PNG slices ${basename(folder)}`,
  };
}

/** The last 3 characters of a BraTS 2020 id, the last 4 of a BraTS 2021 id, any other id whole. */
export function studyId(subject: string): string {
  if (/^BraTS20_/.test(subject)) return subject.slice(-3);
  return /^BraTS2021_/.test(subject) ? subject.slice(-4) : subject;
}

function channelOf({ images, size }: SliceSet, n: number, channel: number): Uint8Array {
  const start = n * size * size * SLICE_CHANNELS + channel;
  return Uint8Array.from({ length: size * size }, (_, i) => images[start + i * SLICE_CHANNELS] as number);
}

function channelFolders(folder: string): readonly string[] {
  const names = listNames(folder);
  return CHANNEL_FILES.map(({ folder: wanted }) => {
    const name = names.find((found) => found.toLowerCase() === wanted.toLowerCase());
    if (name === undefined) throw new InputError(folder, `has no folder ${wanted}`);
    return join(folder, name);
  });
}

function listSlices(folder: string): readonly { stem: string; id: string; z: number }[] {
  return listNames(folder)
    .flatMap((name) => {
      const [, stem, id, z] = /^(Subject_(.+)_slice_(\d+))_T1\.png$/.exec(name) ?? [];
      return stem && id && z ? [{ stem, id, z: Number(z) }] : [];
    })
    .sort((a, b) => (a.id === b.id ? a.z - b.z : a.id < b.id ? -1 : 1));
}

function pngPath(folders: readonly string[], channel: number, stem: string): string {
  return join(folders[channel] ?? "", `${stem}_${CHANNEL_FILES[channel]?.ending ?? ""}.png`);
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw explainFileError(folder, error);
  }
}
