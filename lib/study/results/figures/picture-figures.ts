import { FIRST_TUMOURS_TITLE } from "../../../data/first-tumours";
import type { Figure } from "../../../figures/figure";
import { montageFigure, type MontageRow } from "../../../figures/montage-figure";
import { overlayFigure } from "../../../figures/overlay-figure";
import { SOURCE_LABEL } from "../../../figures/palette";
import { pairsFigure } from "../../../figures/pairs-figure";
import { SEQUENCE_LABEL } from "../../../figures/slice-view";
import { GENERATOR_NAMES } from "../../../generators/generator-config";
import { generatorTitle, realSlices, SEGMENTER_TITLE, sourceOfRow } from "../names";
import type { OverlayPictures, PairPictures, StudyPictures } from "../study-pictures";
import type { StudyResults } from "../study-results";

/** Slices of each source in the montage, and most cases of the overlays. */
const SHOWN = 2;
const MOST_CASES = 4;

/** Images of every generator beside real slices; none chosen. */
export function montage(results: StudyResults, pictures: StudyPictures, widthMm?: number): Figure {
  const first = (count: number): readonly number[] =>
    Array.from({ length: Math.min(SHOWN, count) }, (_, i) => i);
  const rows: MontageRow[] = GENERATOR_NAMES.flatMap((name) => {
    const slices = pictures.generators.find(({ generator }) => generator === name)?.slices;
    return slices === undefined
      ? []
      : [{ label: SOURCE_LABEL[name], source: name, set: slices, indices: first(slices.count) }];
  });
  const { real } = pictures;
  return montageFigure({
    id: "generator-montage",
    rows: [
      ...(real === null
        ? []
        : [
            {
              label: realSlices(results.cohort),
              source: "real" as const,
              set: real,
              indices: first(real.count),
            },
          ]),
      ...rows,
    ],
    note: `${real === null ? "Pictures of patients are left out. " : "Real: the slice with the largest tumour of the first test subjects. "}Synthetic: ${FIRST_TUMOURS_TITLE}, not chosen.`,
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

/** The networks of an overlay figure: a block of the study's tables, beside real slices alone. */
export const OVERLAY_BLOCKS = [
  { id: "overlays", segmenter: "unet", mixed: false, augmentation: false },
  { id: "overlays-augmented", segmenter: "unet", mixed: false, augmentation: true },
  { id: "overlays-mixed", segmenter: "unet", mixed: true, augmentation: false },
  { id: "overlays-mixed-augmented", segmenter: "unet", mixed: true, augmentation: true },
  { id: "overlays-swin", segmenter: "swin", mixed: false, augmentation: false },
  { id: "overlays-swin-augmented", segmenter: "swin", mixed: false, augmentation: true },
  { id: "overlays-swin-mixed", segmenter: "swin", mixed: true, augmentation: false },
  { id: "overlays-swin-mixed-augmented", segmenter: "swin", mixed: true, augmentation: true },
] as const;
type OverlayBlock = (typeof OVERLAY_BLOCKS)[number];

/** What an overlay figure of a block shows; none where real slices alone would be all. */
export function overlayPredictions(
  { predictions }: OverlayPictures,
  { segmenter, mixed, augmentation }: OverlayBlock,
): OverlayPictures["predictions"] {
  const own = predictions.filter(
    ({ cell }) =>
      cell.segmenter === segmenter &&
      cell.augmentation === augmentation &&
      (cell.generator === null || cell.real === mixed),
  );
  return own.some(({ cell }) => cell.generator !== null) ? own : [];
}

/** Annotation and predictions laid over held-out slices: the networks of a block. */
export function overlays(pictures: OverlayPictures, block: OverlayBlock): Figure {
  const predictions = overlayPredictions(pictures, block);
  const pixels = pictures.set.size ** 2;
  return overlayFigure({
    id: block.id,
    set: pictures.set,
    network: `${SEGMENTER_TITLE[block.segmenter]}s${block.augmentation ? ", trained with augmentation," : ""}`,
    arms: predictions.map(({ cell }) => ({
      source: sourceOfRow(cell),
      label: `${cell.real && cell.generator !== null ? "real + " : ""}${SOURCE_LABEL[sourceOfRow(cell)]}`,
    })),
    cases: Array.from({ length: Math.min(MOST_CASES, pictures.set.count) }, (_, index) => ({
      index,
      predictions: predictions.map(({ classes }) => classes.subarray(index * pixels, (index + 1) * pixels)),
    })),
  });
}

/** The closest pair of every generator at its most training subjects, and of the diffusion model at its fewest. */
export function pairs(results: StudyResults, all: readonly PairPictures[]): Figure {
  const chosen = GENERATOR_NAMES.flatMap((name) => {
    const own = all
      .filter(({ cell, extent, r }) => cell.generator === name && extent === "image" && r.length > 0)
      .sort((a, b) => b.cell.subjects - a.cell.subjects);
    // Few subjects are where the study warns of memorization.
    const fewest = name === "diffusion" && own.length > 1 ? own.slice(-1) : [];
    return [...own.slice(0, 1), ...fewest];
  });
  const [first] = chosen;
  const sequence = first?.sequence ?? "t1wGd";
  return pairsFigure({
    id: "generator-pairs",
    sequence,
    rows: chosen.map(({ cell, synthetic, training, neighbours, r }) => ({
      label: generatorTitle(cell.generator),
      note: `${cell.subjects} subjects`,
      synthetic,
      syntheticIndex: 0,
      training,
      trainingIndex: 0,
      below: neighbours[0]?.below ?? null,
      above: neighbours[0]?.above ?? null,
      r: r[0] ?? Number.NaN,
    })),
    title: "The closest pair of a synthetic and a training slice, each generator",
    caption: `Of each generator the image with the highest correlation with a training slice (${SEQUENCE_LABEL[sequence]}, whole image)${results.cohort.simulated ? "; the training slices are of a simulated cohort" : ""}; how many subjects it was trained on stands under its name.`,
  });
}
