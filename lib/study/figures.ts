import { tumourPixels } from "../data/batches";
import type { SliceSet } from "../data/slice-set";
import { InputError } from "../errors";
import { diceFigure } from "../figures/dice-figure";
import type { Figure } from "../figures/figure";
import { memorizationFigure } from "../figures/memorization-figure";
import { montageFigure } from "../figures/montage-figure";
import { overlayFigure } from "../figures/overlay-figure";
import type { Source } from "../figures/palette";
import { pairsFigure } from "../figures/pairs-figure";
import { trainingFigure } from "../figures/training-figure";
import { intensities, keptSlices, levels, preparation, tumourArea, volumes } from "./data-figures";
import { armLabel, diceScores } from "./scores";
import { readTrainingLog } from "./stages/diffusion";
import { readMemorization } from "./stages/memorization";
import { readPredictions, type TrainingSource } from "./stages/segmentation";
import type { Study } from "./study";
import { maySeeSubjects } from "./user-cohort";

export interface FigureOptions {
  /** Which subject or slice is shown first, counted from 0. */
  readonly index?: number;
  /** How many rows are shown. */
  readonly count?: number;
}

/** Figures of the study, by name; the order of a report. */
const FIGURES = {
  montage,
  dice,
  overlay,
  memorization,
  "memorization-pairs": pairs,
  "diffusion-loss": diffusionLoss,
  "segmentation-loss": segmentationLoss,
  patient,
  preparation,
  levels,
  "kept-slices": keptSlices,
  intensities,
  "tumour-area": tumourArea,
  volumes,
} as const;
export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Figures that show slices of subjects and nothing else worth showing without them. */
const OF_SUBJECTS: readonly FigureName[] = [
  "overlay",
  "memorization-pairs",
  "patient",
  "preparation",
  "levels",
];

/** The figures of a run: those with pictures of patients only where they were asked for. */
export function figureNames({ context }: Study): readonly FigureName[] {
  const names =
    context.publishedSamples === undefined
      ? FIGURE_NAMES
      : FIGURE_NAMES.filter((name) => name !== "diffusion-loss");
  return maySeeSubjects(context) ? names : names.filter((name) => !OF_SUBJECTS.includes(name));
}

/**
 * A figure of the study, drawn from its records.
 *
 * @throws InputError if there is no figure of that name.
 */
export function studyFigure(study: Study, name: string, options: FigureOptions): Promise<Figure> {
  const known = FIGURE_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new InputError(`figure ${name}`, "is not known", `Choose one of ${FIGURE_NAMES.join(", ")}`);
  if (!maySeeSubjects(study.context) && OF_SUBJECTS.includes(known))
    throw new InputError(`figure ${name}`, "shows patients", "Ask for it with --show-patients");
  return FIGURES[known](study, options);
}

async function montage(study: Study, { count = 4 }: FigureOptions): Promise<Figure> {
  const { test } = await study.sliceSets();
  const synthetic = await study.sampleSet();
  return montageFigure({
    id: "montage",
    rows: [
      ...(maySeeSubjects(study.context)
        ? [
            {
              label: study.words.real,
              source: "real" as const,
              set: test,
              indices: widestTumours(test).slice(0, count),
            },
          ]
        : []),
      // The first samples with a tumour, not the best ones.
      {
        label: study.sampleWords.label,
        source: study.sampleWords.source,
        set: synthetic,
        indices: withTumour(synthetic).slice(0, count),
      },
    ],
    note: maySeeSubjects(study.context)
      ? "Real: the slice with the largest tumour of the first test subjects. Synthetic: the first samples with a tumour, not chosen."
      : "The first samples with a tumour, not chosen. Pictures of patients are left out; --show-patients adds them.",
  });
}

/** One subject at several levels of the head. */
async function patient(study: Study, { index = 0, count = 5 }: FigureOptions): Promise<Figure> {
  const { train } = await study.sliceSets();
  const slices = [...train.subjectOf.keys()].filter(
    (n) => train.subjectOf[n] === index % train.subjects.length,
  );
  const step = Math.max(1, Math.floor(slices.length / count));
  const indices = slices.filter((_, i) => i % step === Math.floor(step / 2)).slice(0, count);
  const label = `${train.subjects[index % train.subjects.length] ?? ""}${study.words.simulated ? " (simulated)" : ""}`;
  return montageFigure({ id: "patient", rows: [{ label, source: "real", set: train, indices }] });
}

async function diffusionLoss(study: Study): Promise<Figure> {
  const log = readTrainingLog(await study.diffusion());
  const { target } = study.profile.diffusion;
  return trainingFigure({
    id: "diffusion-loss",
    panels: [
      {
        title: "diffusion model",
        loss: `mean squared error of the ${target}`,
        logarithmic: true,
        curves: [curve("diffusion", `trained on ${study.words.adjective}slices`, log)],
      },
    ],
  });
}

async function segmentationLoss(study: Study): Promise<Figure> {
  const of = async (source: TrainingSource) => {
    const log = readTrainingLog(await study.segmentation(source));
    return curve(armSource(source, study), armLabel(source, study.context), log);
  };
  return trainingFigure({
    id: "segmentation-loss",
    panels: [
      {
        title: "U-Net",
        loss: "cross entropy - soft Dice",
        logarithmic: false,
        curves: [await of("real"), await of("synthetic")],
      },
    ],
  });
}

/** The colour of what a network was trained on. */
function armSource(source: TrainingSource, { sampleWords }: Study): Source {
  return source === "real" ? "real" : sampleWords.source;
}

function curve(
  source: Source,
  label: string,
  log: ReturnType<typeof readTrainingLog>,
): Parameters<typeof trainingFigure>[0]["panels"][number]["curves"][number] {
  return {
    source,
    label,
    imagesSeen: log.map((line) => line.imagesSeen),
    loss: log.map((line) => line.loss),
  };
}

async function dice(study: Study): Promise<Figure> {
  return diceFigure({ id: "dice", summaries: await diceScores(study), simulated: study.words.simulated });
}

async function overlay(study: Study, { index = 0, count = 4 }: FigureOptions): Promise<Figure> {
  const { test } = await study.sliceSets();
  const sources = ["real", "synthetic"] as const;
  const predictions = await Promise.all(
    sources.map(async (source) => readPredictions(await study.segmentation(source))),
  );
  const pixels = test.size ** 2;
  return overlayFigure({
    id: "overlay",
    set: test,
    arms: sources.map((source) => ({
      source: armSource(source, study),
      label: `trained on ${armLabel(source, study.context)}`,
    })),
    cases: widestTumours(test)
      .slice(index, index + count)
      .map((slice) => ({
        index: slice,
        predictions: predictions.map((classes) => classes.subarray(slice * pixels, (slice + 1) * pixels)),
      })),
  });
}

async function memorization(study: Study): Promise<Figure> {
  const results = readMemorization(await study.memorization());
  return memorizationFigure({
    id: "memorization",
    source: study.sampleWords.source,
    label: study.sampleWords.label,
    results,
    simulated: study.words.simulated,
  });
}

async function pairs(study: Study, { count = 4 }: FigureOptions): Promise<Figure> {
  const [wholeImage] = readMemorization(await study.memorization());
  if (wholeImage === undefined) throw new Error("the memorization stage has no results");
  const { train } = await study.sliceSets();
  return pairsFigure({
    id: "memorization-pairs",
    label: study.sampleWords.label,
    synthetic: await study.sampleSet(),
    training: train,
    matches: wholeImage.synthetic,
    count,
  });
}

/** The slice with the largest tumour of each subject, in the order of the subjects. */
function widestTumours(set: SliceSet): readonly number[] {
  const best = new Map<number, { readonly slice: number; readonly pixels: number }>();
  for (let n = 0; n < set.count; n++) {
    const subject = set.subjectOf[n] ?? 0;
    const pixels = tumourPixels(set, n);
    if (pixels > (best.get(subject)?.pixels ?? -1)) best.set(subject, { slice: n, pixels });
  }
  return [...best.values()].map(({ slice }) => slice);
}

function withTumour(set: SliceSet): readonly number[] {
  return Array.from({ length: set.count }, (_, n) => n).filter((n) => tumourPixels(set, n) > 0);
}
