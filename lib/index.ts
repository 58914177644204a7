/**
 * SynthMR as notebooks, scripts and tests import it: `import { ... } from "synthmr"`. Light parts are loaded
 * at once, heavy ones when they are first used. What speaks of tensors stands in `synthmr/networks`, because the
 * types of tfjs alone would make the first cell of a notebook wait for twice as long.
 */
import { createRequire } from "node:module";
import { interruptSignal } from "./display/interrupt";
import { stageDisplay } from "./display/stage-display";
import { lazyExports } from "./lazy-exports";
import type { StudyOptions } from "./study/open-study";
import type { Study } from "./study/study";

export { InputError } from "./errors";
export { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS, TUMOUR_CLASSES } from "./shape";
export type { Sequence, TumourClass } from "./shape";
export { interruptSignal } from "./display/interrupt";
export { progressDisplay } from "./display/progress-display";
export type { ProgressDisplay, ProgressOptions } from "./display/progress-display";
export { show } from "./display/show";
export type { Displayable, MimeBundle } from "./display/displayable";
export type { BackendInfo, Precision } from "./backend/start";
export type { Affine } from "./data/nifti-affine";
export type { NiftiVolume } from "./data/nifti";
export type { SubjectFiles, SubjectVolumes } from "./data/brats-cohort";
export type { SliceSet } from "./data/slice-set";
export type { Split } from "./data/split";
export type { Interval } from "./metrics/bootstrap";
export type { NotebookProgress, NotebookRun, RunNotebookOptions } from "./kernel/run-notebook";

export type { Figure } from "./figures/figure";
export type { Table } from "./figures/table";
export type { StudyOptions } from "./study/open-study";
export type { Study } from "./study/study";

/**
 * Opens a run of the study. Results come from the run where it has them; the others are computed, with a bar
 * in the cell, and stop with a checkpoint when the cell is interrupted.
 *
 * @throws InputError if the profile is unknown or the folder of the run cannot be made.
 */
export function openStudy(options: StudyOptions = {}): Promise<Study> {
  const study = load("./study/open-study") as typeof import("./study/open-study");
  return study.openStudy({ progress: stageDisplay(), signal: interruptSignal(), ...options });
}

/** Starts native TensorFlow, or the wasm backend where that cannot be had. Safe to call again. */
export declare const startBackend: typeof import("./backend/start").startBackend;
/** The subjects of a BraTS folder, in order of their ids. */
export declare const listSubjects: typeof import("./data/brats-cohort").listSubjects;
/** Reads the four sequences and the annotation of one subject. */
export declare const readSubject: typeof import("./data/brats-cohort").readSubject;
/** Reads a NIfTI-1 or NIfTI-2 volume. */
export declare const readNifti: typeof import("./data/nifti").readNifti;
/** Reads slices as training does, five channels in 0..255. */
export declare const readSliceSet: typeof import("./data/slice-set").readSliceSet;
/** Tumour classes of a mask by its grey values. */
export declare const decodeMask: typeof import("./data/mask-code").decodeMask;

/** Pearson correlation of two images. */
export declare const pearson: typeof import("./metrics/correlation").pearson;

/** Runs a notebook in a fresh kernel and writes its outputs into it. */
export declare const runNotebook: typeof import("./kernel/run-notebook").runNotebook;

const load = createRequire(__filename);

lazyExports(exports as object, {
  startBackend: () => (load("./backend/start") as typeof import("./backend/start")).startBackend,
  listSubjects: () => (load("./data/brats-cohort") as typeof import("./data/brats-cohort")).listSubjects,
  readSubject: () => (load("./data/brats-cohort") as typeof import("./data/brats-cohort")).readSubject,
  readNifti: () => (load("./data/nifti") as typeof import("./data/nifti")).readNifti,
  readSliceSet: () => (load("./data/slice-set") as typeof import("./data/slice-set")).readSliceSet,
  decodeMask: () => (load("./data/mask-code") as typeof import("./data/mask-code")).decodeMask,
  pearson: () => (load("./metrics/correlation") as typeof import("./metrics/correlation")).pearson,
  runNotebook: () => (load("./kernel/run-notebook") as typeof import("./kernel/run-notebook")).runNotebook,
});
