import { InputError } from "../../errors";
import { SEQUENCES, type Sequence } from "../../shape";
import { readSubject, type SubjectFiles } from "../brats-cohort";
import { toBratsFrame } from "../brats-frame";
import { classesOfLabels } from "../brats-labels";
import { readNifti, type NiftiVolume } from "../nifti";
import type { Voxels } from "../nifti-voxels";
import type { AuditFiles, NamedFiles } from "./file-layout";

/** A subject as an audit measures it, in the BraTS frame. */
export interface AuditVolumes {
  readonly id: string;
  /** [X, Y, Z]. */
  readonly shape: readonly [number, number, number];
  /** Volume of a voxel, mm3, and edge of a pixel in the axial plane, mm. */
  readonly voxelMm3: number;
  readonly pixelMm: number;
  /** Intensities above those of the background, 0 outside the brain, length V; the sequences that there are. */
  readonly sequences: Readonly<Partial<Record<Sequence, Voxels>>>;
  /** Whether the intensities are as in the files: not where a shift was undone. */
  readonly raw: boolean;
  /** 1 in the brain: the mask where there is one, else where any sequence is above 0. */
  readonly brain: Uint8Array;
  /** Class index 0 to 3 of each voxel. */
  readonly classes: Uint8Array;
}

/**
 * Reads what a subject has. Intensities that were shifted (standardised files) are shifted back so that the
 * background is 0, after which ratios of them mean the same as those of raw files.
 *
 * @throws InputError naming the file that cannot be read or does not fit the others.
 */
export function readAuditVolumes(files: AuditFiles): AuditVolumes {
  const volumes = "brats" in files ? readBrats(files.brats) : readNamed(files.id, files.named);
  if (!volumes.brain.includes(1)) throw new InputError(`subject ${files.id}`, "has no voxel of brain");
  return volumes;
}

function readBrats(files: SubjectFiles): AuditVolumes {
  const { id, shape, sequences, classes } = readSubject(files);
  const brain = brainOf(Object.values(sequences));
  return { id, shape, ...edges(readNifti(files.segmentation)), sequences, raw: true, brain, classes };
}

function readNamed(id: string, files: NamedFiles): AuditVolumes {
  const labels = readNifti(files.labels);
  const inFrame = (path: string): Voxels => toBratsFrame(path, fitting(path, files.labels, labels)).data;
  const annotation = toBratsFrame(files.labels, labels);
  const mask = files.brain === undefined ? undefined : inFrame(files.brain);
  const sequences: Partial<Record<Sequence, Voxels>> = {};
  let raw = true;
  for (const name of SEQUENCES) {
    const path = files.sequences[name];
    if (path === undefined) continue;
    const found = aboveBackground(path, inFrame(path), mask);
    sequences[name] = found.values;
    raw &&= found.background === 0;
  }
  return {
    id,
    shape: annotation.shape,
    ...edges(labels),
    sequences,
    raw,
    brain: mask === undefined ? brainOf(Object.values(sequences)) : mask01(mask),
    classes: classesOfLabels(files.labels, laterLabels(annotation.data, files.convention)),
  };
}

function edges({ spacingMm: [x, y, z] }: NiftiVolume): Pick<AuditVolumes, "voxelMm3" | "pixelMm"> {
  return { voxelMm3: x * y * z, pixelMm: x };
}

/** A volume of the same shape as the labels. */
function fitting(path: string, labelPath: string, labels: NiftiVolume): NiftiVolume {
  const volume = readNifti(path);
  if (volume.shape.some((size, i) => size !== labels.shape[i]))
    throw new InputError(
      path,
      `has the shape ${volume.shape.join(" x ")}, but ${labelPath} has ${labels.shape.join(" x ")}`,
    );
  return volume;
}

function aboveBackground(
  path: string,
  voxels: Voxels,
  mask: Voxels | undefined,
): { readonly values: Float32Array; readonly background: number } {
  const values = new Float32Array(voxels);
  const outside = mask === undefined ? -1 : mask.findIndex((value: number) => value === 0);
  const background = outside < 0 ? 0 : (values[outside] as number);
  if (mask !== undefined)
    for (let i = 0; i < values.length; i++)
      values[i] = mask[i] === 0 ? 0 : Math.max(0, (values[i] as number) - background);
  if (!values.some((value) => value > 0)) throw new InputError(path, "has no voxel above the background");
  return { values, background };
}

function brainOf(sequences: readonly Voxels[]): Uint8Array {
  const brain = new Uint8Array(sequences[0]?.length ?? 0);
  for (const values of sequences)
    for (let i = 0; i < brain.length; i++) if ((values[i] as number) > 0) brain[i] = 1;
  return brain;
}

function mask01(mask: Voxels): Uint8Array {
  const brain = new Uint8Array(mask.length);
  for (let i = 0; i < brain.length; i++) brain[i] = mask[i] === 0 ? 0 : 1;
  return brain;
}

/** Labels of 2012 to 2015 in the convention since 2017: non-enhancing tumour (3) is core (1). */
function laterLabels(labels: Voxels, convention: NamedFiles["convention"]): Voxels {
  if (convention === "brats") return labels;
  const later = labels.slice();
  for (let i = 0; i < later.length; i++) if (later[i] === 3) later[i] = 1;
  return later;
}
