import { InputError, MissingResult } from "../errors";
import type { Figure } from "../figures/figure";
import { montageFigure } from "../figures/montage-figure";
import { currentResults } from "./current-results";
import { intensities, keptSlices, levels, preparation, tumourArea, volumes } from "./data-figures";
import { GENERATOR_FIGURES } from "./generator-figures";
import { ofGenerator } from "./of-generator";
import { resultFigures } from "./results/result-figures";
import type { Study } from "./study";
import { maySeeSubjects } from "./user-cohort";

export interface FigureOptions {
  /** Which subject or slice is shown first, counted from 0. */
  readonly index?: number;
  /** How many rows are shown. */
  readonly count?: number;
  /** Width on paper, mm. */
  readonly widthMm?: number;
}

/** Figures of the data, by name; the order of a report. */
const FIGURES = {
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
const OF_SUBJECTS: readonly FigureName[] = ["patient", "preparation", "levels"];

/** The figures of a run's data: those with pictures of patients only where they were asked for. */
export function figureNames({ context }: Pick<Study, "context">): readonly FigureName[] {
  return maySeeSubjects(context) ? FIGURE_NAMES : FIGURE_NAMES.filter((name) => !OF_SUBJECTS.includes(name));
}

/** Figures of what was found, which a run has where its profile asks for them. */
const OF_RESULTS =
  /^(generator-montage|overlays(-swin)?(-mixed)?(-augmented)?|generator-pairs|(dice-cells|dice-subjects|segmentation-training)-(unet|swin)|memorization-(distributions|curve)|quality-dice|(tumour-area|intensity)-comparison|generator-training)$/;

/** Whether the study has a figure of that name, whatever the profile holds. */
export function isFigureName(name: string): boolean {
  return (
    Object.hasOwn(FIGURES, name) ||
    ofGenerator(name, GENERATOR_FIGURES) !== undefined ||
    OF_RESULTS.test(name)
  );
}

/**
 * A figure of the study, drawn from its records: of the data, of one generator (`snapshots-stylegan2`), or of what
 * was found so far (`dice-cells-unet`).
 *
 * @throws InputError if there is no figure of that name. @throws MissingResult if the run has nothing to show in it.
 */
export async function studyFigure(study: Study, name: string, options: FigureOptions): Promise<Figure> {
  const one = ofGenerator(name, GENERATOR_FIGURES);
  if (one !== undefined) return one.make(study, one.generator, options.count ?? 4);
  if (OF_RESULTS.test(name)) return resultFigure(study, name, options);
  const known = FIGURE_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new InputError(`figure ${name}`, "is not known", `Choose one of ${FIGURE_NAMES.join(", ")}`);
  if (!maySeeSubjects(study.context) && OF_SUBJECTS.includes(known))
    throw new InputError(`figure ${name}`, "shows patients", "Ask for it with --show-patients");
  return FIGURES[known](study, options);
}

async function resultFigure(study: Study, name: string, { widthMm }: FigureOptions): Promise<Figure> {
  const { results, pictures } = await currentResults(study);
  const make = resultFigures(results, pictures).get(name);
  if (make === undefined)
    throw new MissingResult(`figure ${name}`, `the profile ${study.profile.name} holds nothing for it`);
  return make(widthMm);
}

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
