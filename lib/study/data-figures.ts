import { masksOf, tumourPixels } from "../data/batches";
import { listSubjects, readSubject, type SubjectFiles } from "../data/brats-cohort";
import { axialSlice, preparationSteps, type StepImage } from "../data/preparation-steps";
import type { SliceSet } from "../data/slice-set";
import { BRIGHT_THRESHOLD, brightShares, keptPositions, SMALLEST_COVERAGE } from "../data/study-slices";
import { curvesFigure } from "../figures/curves-figure";
import type { Figure } from "../figures/figure";
import { histogramFigure } from "../figures/histogram-figure";
import { montageFigure, type MontageRow } from "../figures/montage-figure";
import { CLASS_LABEL, CLASS_RGB, cssColour, SOURCE_COLOUR } from "../figures/palette";
import { preparationFigure } from "../figures/preparation-figure";
import { CLASS_KEY } from "../figures/sheet";
import { SEQUENCE_LABEL } from "../figures/slice-view";
import { volumesFigure } from "../figures/volumes-figure";
import { CLASS_COUNT, SEQUENCES, SLICE_CHANNELS } from "../shape";
import type { FigureOptions } from "./figures";
import type { Study } from "./study";
import { cohortPath } from "./user-cohort";

/** Slices of the strip that shows the rule. */
const RULED_SLICES = 9;
/** Volume of a voxel of BraTS, 1 mm3, in mL. */
const ML_PER_VOXEL = 1e-3;
/** Side of a study slice, mm: 256 pixels of 1 mm. */
const FIELD_MM = 256;

/** Every step of the preparation on a slice of one training subject, and the rule that keeps slices. */
export async function preparation(study: Study, { index = 0 }: FigureOptions): Promise<Figure> {
  const files = (await trainingFiles(study)).at(index);
  if (files === undefined) throw new RangeError(`training subject ${index} does not exist`);
  const subject = readSubject(files);
  const { z, sequences, classes } = preparationSteps(subject, study.profile.size);
  const [raw, padded, small] = classes;
  if (raw === undefined || padded === undefined || small === undefined) throw new Error("a step is missing");
  const shares = brightShares(subject);
  const kept = keptPositions(subject);
  const row = (name: "t1w" | "flair"): Parameters<typeof preparationFigure>[0]["rows"][number] => ({
    label: SEQUENCE_LABEL[name],
    classes: false,
    steps: sequences[name].map((image) => ({ image, note: rangeOf(image) })),
  });
  const mask = [
    { image: raw, note: "labels 0, 1, 2, 4" },
    { image: raw, note: "not scaled" },
    { image: padded, note: "zeros around" },
    { image: padded, note: "grey 0, 51, 102, 204" },
    { image: small, note: "most frequent class" },
  ];
  const { size } = study.profile;
  return preparationFigure({
    id: "preparation",
    subject: `${study.words.simulated ? "Simulated subject" : "Subject"} ${subject.id}`,
    z,
    steps: ["as scanned, 240", "x 255 / maximum", "padded, 256", "8 bits", `averaged, ${size}`],
    rows: [row("t1w"), row("flair"), { label: "annotation", classes: true, steps: mask }],
    ruled: stripOf(shares).map((k) => ({
      z: k + 1,
      image: everyOther(axialSlice(subject.sequences.t1w, k)),
      brightShare: shares[k] ?? 0,
      kept: kept.includes(k),
    })),
    rule: { share: SMALLEST_COVERAGE, above: BRIGHT_THRESHOLD },
    kept: kept.length,
    of: shares.length,
  });
}

/** Several levels of the head in an easy and in a hard subject: a large and a small necrotic core. */
export async function levels(study: Study, { count = 4 }: FigureOptions): Promise<Figure> {
  const { train } = await study.sliceSets();
  const cores = coreShares(train);
  const known = [...cores.entries()].filter(([, pixels]) => pixels > 0).sort(([, a], [, b]) => b - a);
  const [easy, hard] = [known[0], known.at(-1)];
  const simulated = study.words.simulated ? "simulated " : "";
  const row = (label: string, subject: number): MontageRow => ({
    label: `${label} (${simulated}${train.subjects[subject] ?? ""})`,
    source: "real",
    set: train,
    indices: spread(slicesOf(train, subject), count),
  });
  return montageFigure({
    id: "levels",
    rows: [
      ...(easy === undefined ? [] : [row("easy", easy[0])]),
      ...(hard === undefined || hard === easy ? [] : [row("hard", hard[0])]),
      ...(easy === undefined ? [row("subject", 0)] : []),
    ],
    note: "Slices at even steps through the kept ones, from below to above. Easy and hard: the training subjects with the largest and the smallest necrotic core (label 1) on their kept slices, those without any left out; the study's networks did worst on this class.",
  });
}

/** How many slices of each subject the rule keeps. */
export async function keptSlices(study: Study): Promise<Figure> {
  const { train, validation, test } = await study.sliceSets();
  const values = [train, validation, test].flatMap((set) =>
    set.subjects.map((_, subject) => slicesOf(set, subject).length),
  );
  const subjects = subjectsLabel(study);
  return histogramFigure({
    id: "kept-slices",
    title: "Kept slices of each subject",
    caption: `Axial slices that the 15 % rule keeps, over ${values.length} ${subjects} (training, validation and test).`,
    alternative: `Histogram: between ${Math.min(...values)} and ${Math.max(...values)} kept slices a subject.`,
    values,
    binWidth: 4,
    xAxis: "kept slices of a subject",
    yAxis: subjects,
    colour: SOURCE_COLOUR.real,
  });
}

/** Tumour area of the training slices that have any. */
export async function tumourArea(study: Study): Promise<Figure> {
  const { train } = await study.sliceSets();
  const pixelCm2 = (FIELD_MM / train.size / 10) ** 2;
  const areas = Array.from({ length: train.count }, (_, n) => tumourPixels(train, n) * pixelCm2);
  const values = areas.filter((cm2) => cm2 > 0);
  const simulated = study.words.simulated ? "simulated " : "";
  return histogramFigure({
    id: "tumour-area",
    title: "Tumour area of slices",
    caption: `Area of the three classes together on ${values.length} ${simulated}training slices with a tumour; the other ${areas.length - values.length} of ${areas.length} slices are left out. A pixel at ${train.size} x ${train.size} is ${pixelCm2.toPrecision(2)} cm².`,
    alternative: `Histogram of tumour areas up to ${Math.max(0, ...values).toFixed(0)} cm².`,
    values: values.length > 0 ? values : [0],
    binWidth: 2,
    xAxis: "tumour area (cm²)",
    yAxis: `${simulated}training slices`,
    colour: SOURCE_COLOUR.real,
  });
}

/** Intensities of each class on the training slices, one panel a sequence. */
export async function intensities(study: Study): Promise<Figure> {
  const { train } = await study.sliceSets();
  const names = ["brain outside the tumour", ...CLASS_LABEL];
  const colours = [SOURCE_COLOUR.heldOut, ...CLASS_RGB.slice(1).map(cssColour)];
  const classes = masksOf(train, [...train.subjectOf.keys()]);
  return curvesFigure({
    id: "intensities",
    title: "Intensities of the tumour classes and of the rest",
    caption: `8-bit values of the pixels of each class on ${train.count.toLocaleString("en-US")} ${study.words.simulated ? "simulated " : ""}training slices of ${train.subjects.length} ${subjectsLabel(study)}, in bins of ${BIN} grey values; pixels of value 0 left out.`,
    alternative: "Histograms of grey values in four classes for four sequences.",
    panels: SEQUENCES.map((sequence, channel) => ({
      title: SEQUENCE_LABEL[sequence],
      curves: histogramsOf(train, classes, channel).map((y, index) => ({
        colour: colours[index] ?? "",
        dashed: false,
        name: names[index] ?? "",
        x: y.map((_, bin) => (bin + 0.5) * BIN),
        y,
      })),
    })),
    xAxis: "grey value",
    yAxis: "pixels of the class (%)",
    xRange: [0, 255],
    key: [{ colour: SOURCE_COLOUR.heldOut, name: "brain outside the tumour" }, ...CLASS_KEY],
  });
}

/** Volumes of the classes in the annotation of every subject. */
export async function volumes(study: Study): Promise<Figure> {
  const { voxels } = (await study.volumes()).result;
  const of = (index: number): number[] => voxels.map((counts) => (counts[index] ?? 0) * ML_PER_VOXEL);
  return volumesFigure({
    id: "volumes",
    volumes: { necroticCore: of(1), edema: of(2), enhancingTumour: of(3) },
    subjects: subjectsLabel(study),
  });
}

const BIN = 8;

/** Share (%) of the pixels of each class in each bin of one channel; value 0 is background or cut off. */
function histogramsOf({ images }: SliceSet, classes: Uint8Array, channel: number): readonly number[][] {
  const bins = Array.from({ length: CLASS_COUNT }, () => new Array<number>(256 / BIN).fill(0));
  for (let i = 0, at = channel; i < classes.length; i++, at += SLICE_CHANNELS) {
    const value = images[at] as number;
    if (value === 0) continue;
    const histogram = bins[classes[i] as number] as number[];
    const bin = Math.floor(value / BIN);
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  return bins.map((histogram) => {
    const total = histogram.reduce((sum, count) => sum + count, 0);
    return histogram.map((count) => (total === 0 ? 0 : (100 * count) / total));
  });
}

function subjectsLabel({ words }: Study): string {
  return words.simulated ? "simulated subjects" : "subjects";
}

/** The files of every subject of the run. */
async function subjectFiles(study: Study): Promise<readonly SubjectFiles[]> {
  const { folderName, ids } = (await study.cohort()).result;
  const used = new Set(ids);
  return listSubjects(cohortPath(study.context, folderName)).filter(({ id }) => used.has(id));
}

async function trainingFiles(study: Study): Promise<readonly SubjectFiles[]> {
  const { subjects } = (await study.slices()).result.train;
  return (await subjectFiles(study)).filter(({ id }) => subjects.includes(id));
}

/** Pixels of necrotic core of each subject, by its place in the set. */
function coreShares(set: SliceSet): readonly number[] {
  const pixels = new Array<number>(set.subjects.length).fill(0);
  for (let n = 0; n < set.count; n++) {
    const subject = set.subjectOf[n] ?? 0;
    const core = masksOf(set, [n]).reduce((sum, index) => sum + Number(index === 1), 0);
    pixels[subject] = (pixels[subject] ?? 0) + core;
  }
  return pixels;
}

function slicesOf({ subjectOf }: SliceSet, subject: number): number[] {
  return [...subjectOf.keys()].filter((n) => subjectOf[n] === subject);
}

/** Some of the values, in the middles of even parts. */
function spread(values: readonly number[], count: number): number[] {
  const parts = Math.min(count, values.length);
  return Array.from(
    { length: parts },
    (_, i) => values[Math.floor(((i + 0.5) * values.length) / parts)] ?? 0,
  );
}

/** Positions from the lowest to the highest slice that shows any bright pixel. */
function stripOf(shares: Float64Array): number[] {
  return spread(
    [...shares.keys()].filter((k) => (shares[k] ?? 0) > 0),
    RULED_SLICES,
  );
}

/** Half the pixels a side: enough for small tiles. */
function everyOther({ side, values }: StepImage): StepImage {
  const half = side / 2;
  const kept = Float32Array.from({ length: half * half }, (_, i) => {
    return values[2 * Math.floor(i / half) * side + 2 * (i % half)] ?? 0;
  });
  return { side: half, values: kept };
}

/** Lowest and highest value, and how many different ones there are. */
function rangeOf({ values }: StepImage): string {
  const different = new Set(values);
  const highest = Math.max(...different);
  const digits = Number.isInteger(highest) ? 0 : 1;
  return `${Math.min(...different).toFixed(0)} to ${highest.toFixed(digits)}, ${different.size} values`;
}
