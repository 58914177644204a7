import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS, type Sequence } from "../../shape";
import type { SubjectVolumes } from "../brats-cohort";
import { shrinkSlices } from "../shrink-slices";
import type { SliceSet } from "../slice-set";
import { studySlices } from "../study-slices";
import type { AuditVolumes } from "./audit-volumes";

/**
 * A subject with all four sequences, as the study's preparation wants it. A missing sequence is 0
 * everywhere; in place of a missing T1w stands the brain mask, so that the rule on covered slices looks at
 * the brain's area.
 */
export function asStudySubject({ id, shape, sequences, brain, classes }: AuditVolumes): SubjectVolumes {
  const nothing = new Float32Array(brain.length);
  const { t1w = Float32Array.from(brain), t1wGd = nothing, t2w = nothing, flair = nothing } = sequences;
  return { id, shape, classes, sequences: { t1w, t1wGd, t2w, flair } };
}

/**
 * The study's slices of a subject that may lack sequences; those are 0.
 *
 * @throws InputError if its axial slices are not 240 x 240.
 */
export function auditSlices(volumes: AuditVolumes, size: number, source: string): SliceSet {
  const { images, z } = studySlices(asStudySubject(volumes));
  const set: SliceSet = {
    size,
    count: z.length,
    images: shrinkSlices(images, size),
    subjects: [volumes.id],
    subjectOf: new Int32Array(z.length),
    z,
    simulated: false,
    source,
  };
  return onlySequences(
    set,
    SEQUENCES.filter((name) => volumes.sequences[name] !== undefined),
  );
}

/** The same slices with every sequence set to 0 that is not among those to keep. */
export function onlySequences(set: SliceSet, kept: readonly Sequence[]): SliceSet {
  const images = set.images.slice();
  SEQUENCES.forEach((sequence, channel) => {
    if (kept.includes(sequence) || channel === MASK_CHANNEL) return;
    for (let i = channel; i < images.length; i += SLICE_CHANNELS) images[i] = 0;
  });
  return { ...set, images };
}
