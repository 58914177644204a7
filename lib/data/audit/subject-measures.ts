import type { Voxels } from "../nifti-voxels";
import { z } from "zod";
import { CLASS_COUNT, SEQUENCES } from "../../shape";
import { keptPositions, STUDY_SIZE } from "../study-slices";
import type { AuditVolumes } from "./audit-volumes";
import { classHistograms } from "./intensity-histogram";
import { spectrumSide } from "./radial-spectrum";
import { scoresInside } from "./standard-scores";
import { asStudySubject } from "./study-view";
import { subjectSpectrum } from "./subject-spectrum";
import { fieldOf, tumourLocation, VIEWS, type TumourLocation } from "./tumour-location";

/** Counted up whenever the same volumes give other measures. */
export const MEASURES_VERSION = 3;

const perClass = z.array(z.number().nullable());
const bySequence = <T extends z.ZodType>(schema: T) => z.partialRecord(z.enum(SEQUENCES), schema);
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** What an audit keeps of a subject: numbers, no image. */
export const subjectMeasuresSchema = z.object({
  id: z.string(),
  /** mL of classes 1, 2, 3. */
  volumesMl: triple,
  /** Axial slices with tumour. */
  tumourSlices: z.number(),
  brainMl: z.number(),
  /** Share of all voxels that lie outside the brain. */
  zeroShare: z.number(),
  /** Slices that the study keeps; null without T1w or where they are not 240 x 240. */
  keptSlices: z.number().nullable(),
  /** Median in classes 1, 2, 3 over the median of the brain without tumour; null where the class is empty. */
  contrast: bySequence(perClass),
  /** Largest intensity; left out where intensities were shifted. */
  largest: bySequence(z.number()),
  /** See classHistograms; classes 0 to 3. */
  histograms: bySequence(z.array(z.array(z.number()).nullable())),
  /** Mean power of standard scores by frequency, see RadialSpectrum; null where no slice shows enough brain. */
  spectra: bySequence(z.array(z.number()).nullable()),
  spectrumSide: z.number(),
  pixelMm: z.number(),
  fieldMm: triple,
  location: z.object({
    centreMm: triple.nullable(),
    cells: z.record(z.enum(VIEWS), z.array(z.number())),
    brainCells: z.record(z.enum(VIEWS), z.array(z.number())),
  }),
});
export type SubjectMeasures = z.infer<typeof subjectMeasuresSchema>;

/** Measures one subject. */
export function measureSubject(volumes: AuditVolumes): SubjectMeasures {
  const { id, shape, brain, classes, voxelMm3, pixelMm } = volumes;
  const ml = (voxels: number): number => (voxels * voxelMm3) / 1000;
  const [, one = 0, two = 0, three = 0] = classCounts(classes);
  const brainVoxels = sumOf(brain);
  const places = placesOfClasses(volumes);
  const side = spectrumSide(shape[0], shape[1]);
  const measures: Pick<SubjectMeasures, "contrast" | "largest" | "histograms" | "spectra"> = {
    contrast: {},
    largest: {},
    histograms: {},
    spectra: {},
  };
  for (const sequence of SEQUENCES) {
    const values = volumes.sequences[sequence];
    if (values === undefined) continue;
    const scores = scoresInside(values, brain);
    const histograms = classHistograms(volumes, values, scores);
    measures.contrast[sequence] = contrasts(places, values);
    if (volumes.raw) measures.largest[sequence] = largestOf(values);
    measures.histograms[sequence] = histograms.map((bins) => (bins === null ? null : rounded(bins)));
    measures.spectra[sequence] = subjectSpectrum(volumes, values, scores, side);
  }
  return {
    id,
    volumesMl: [ml(one), ml(two), ml(three)],
    tumourSlices: tumourSlices(volumes),
    brainMl: ml(brainVoxels),
    zeroShare: 1 - brainVoxels / brain.length,
    keptSlices:
      isStudyFrame(volumes) && volumes.sequences.t1w ? keptPositions(asStudySubject(volumes)).length : null,
    ...measures,
    spectrumSide: side,
    pixelMm,
    fieldMm: fieldOf(volumes),
    location: copied(tumourLocation(volumes)),
  };
}

// Counted by hand: calls for each of millions of voxels take several times as long.
function sumOf(mask: Uint8Array): number {
  let sum = 0;
  for (const inside of mask) sum += inside;
  return sum;
}

function largestOf(values: Voxels): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}

function classCounts(classes: Uint8Array): readonly number[] {
  const counts = [0, 0, 0, 0];
  for (const index of classes) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

function tumourSlices({ shape, classes }: AuditVolumes): number {
  const area = shape[0] * shape[1];
  let count = 0;
  for (let k = 0; k < shape[2]; k++)
    if (classes.subarray(k * area, (k + 1) * area).some((index) => index > 0)) count++;
  return count;
}

function isStudyFrame({ shape }: AuditVolumes): boolean {
  return shape[0] === shape[1] && shape[0] === STUDY_SIZE - 16;
}

/** Voxels that a median is taken of at most: more would not change its third digit. */
const MEDIAN_VOXELS = 200_000;

/** Places in the volume of each class's voxels in the brain; of many, every so many. */
function placesOfClasses({ brain, classes }: AuditVolumes): readonly Uint32Array[] {
  const counts = new Uint32Array(CLASS_COUNT);
  for (let i = 0; i < brain.length; i++)
    if (brain[i] === 1) counts[classes[i] as number] = (counts[classes[i] as number] as number) + 1;
  const steps = counts.map((count) => Math.max(1, Math.floor(count / MEDIAN_VOXELS)));
  const places = Array.from(
    counts,
    (count, index) => new Uint32Array(Math.ceil(count / (steps[index] ?? 1))),
  );
  const seen = new Uint32Array(CLASS_COUNT);
  for (let i = 0; i < brain.length; i++) {
    if (brain[i] !== 1) continue;
    const index = classes[i] as number;
    const [nth, step] = [seen[index] as number, steps[index] as number];
    if (nth % step === 0) (places[index] as Uint32Array)[nth / step] = i;
    seen[index] = nth + 1;
  }
  return places;
}

function contrasts(places: readonly Uint32Array[], values: Voxels): (number | null)[] {
  const [rest = null, ...inside] = places.map((at) =>
    median(Float32Array.from(at, (i) => values[i] as number)),
  );
  return inside.map((value) => (rest === null || value === null || rest === 0 ? null : value / rest));
}

function median(values: Float32Array): number | null {
  if (values.length === 0) return null;
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] as number)) / 2;
}

/** Arrays that the schema's type allows to be changed. */
function copied({ centreMm, cells, brainCells }: TumourLocation): SubjectMeasures["location"] {
  const all = ({
    axial,
    coronal,
    sagittal,
  }: TumourLocation["cells"]): SubjectMeasures["location"]["cells"] => ({
    axial: [...axial],
    coronal: [...coronal],
    sagittal: [...sagittal],
  });
  return {
    centreMm: centreMm === null ? null : [...centreMm],
    cells: all(cells),
    brainCells: all(brainCells),
  };
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.round(value * 1e6) / 1e6);
}
