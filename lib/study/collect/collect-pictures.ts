import { firstTumours } from "../../data/first-tumours";
import { selectSlices, type SliceSet } from "../../data/slice-set";
import { widestTumours } from "../../data/widest-tumours";
import { closestPairs } from "../../metrics/memorization";
import type { PairPictures, StudyPictures } from "../results/study-pictures";
import type { GeneratorCell, SegmentationCell } from "../grid/cells";
import { readFinished, type StageResult } from "../stage";
import { readMemorization } from "../stages/memorization";
import { openSamples } from "../stages/samples";
import { readPredictions } from "../stages/segmentation";
import { SliceStore, type SlicesResult } from "../stages/slices";
import type { Study } from "../study";
import { maySeeSubjects } from "../user-cohort";

/** Slices of a kind that are shown. */
const SHOWN = 6;
const SHOWN_PAIRS = 4;

/** The few slices that the figures of a run show; none of patients unless they were asked for. */
export function collectPictures(
  study: Study,
  slices: StageResult<SlicesResult>,
  generators: readonly GeneratorCell[],
  segmentation: readonly SegmentationCell[],
): StudyPictures {
  const all = study.stages.grid.trainingSubjects;
  const ofAll = generators.filter(({ subjects }) => subjects === all);
  const shown = ofAll.flatMap((cell) => firstWithTumour(study, cell) ?? []);
  if (!maySeeSubjects(study.context)) return { real: null, generators: shown, overlays: null, pairs: [] };
  const test = new SliceStore(study.context, slices).load("test");
  const widest = widestTumours(test).slice(0, SHOWN);
  return {
    real: selectSlices(test, widest),
    generators: shown,
    overlays: overlaysOf(study, test, widest, segmentation),
    pairs: generators.flatMap((cell) => pairsOf(study, slices, cell)),
  };
}

function firstWithTumour(study: Study, cell: GeneratorCell): StudyPictures["generators"][number] | undefined {
  const samples = readFinished(study.context, study.stages.samples(cell));
  if (samples === undefined) return undefined;
  const images = openSamples(samples);
  const slices = images.load(firstTumours(images, SHOWN));
  images.close();
  return { generator: cell.generator, slices };
}

function overlaysOf(
  study: Study,
  test: SliceSet,
  indices: readonly number[],
  cells: readonly SegmentationCell[],
): StudyPictures["overlays"] {
  const pixels = test.size ** 2;
  const first = Math.min(...cells.map(({ seed }) => seed));
  const all = study.stages.grid.trainingSubjects;
  const predictions = cells
    .filter(({ seed, subjects }) => seed === first && subjects === all)
    .flatMap((cell) => {
      const record = readFinished(study.context, study.stages.segmentation(cell));
      if (record === undefined) return [];
      const predicted = readPredictions(record);
      const classes = new Uint8Array(indices.length * pixels);
      indices.forEach((n, i) => {
        classes.set(predicted.subarray(n * pixels, (n + 1) * pixels), i * pixels);
      });
      return [{ cell, classes }];
    });
  return { set: selectSlices(test, indices), predictions };
}

function pairsOf(
  study: Study,
  slices: StageResult<SlicesResult>,
  cell: GeneratorCell,
): StudyPictures["pairs"] {
  const record = readFinished(study.context, study.stages.memorization(cell));
  const samples = readFinished(study.context, study.stages.samples(cell));
  if (record === undefined || samples === undefined) return [];
  const images = openSamples(samples);
  const training = new SliceStore(study.context, slices).training(cell.subjects);
  const pairs = readMemorization(record).map(({ synthetic: matches }) => {
    const chosen = closestPairs(matches, SHOWN_PAIRS);
    const found = chosen.map((n) => matches.index[n] ?? 0);
    const { indices, neighbours } = withNeighbours(training, found);
    return {
      cell,
      sequence: matches.sequence,
      extent: matches.extent,
      synthetic: images.load(chosen),
      training: training.load(indices),
      neighbours,
      r: chosen.map((n) => matches.r[n] ?? Number.NaN),
    };
  });
  images.close();
  training.close();
  return pairs;
}

/** Some slices, and behind them those next to them in the same subject: a copy of one resembles these, too. */
export function withNeighbours(
  { subjectOf, z }: Pick<SliceSet, "subjectOf" | "z">,
  found: readonly number[],
): { readonly indices: readonly number[]; readonly neighbours: PairPictures["neighbours"] } {
  const indices = [...found];
  const add = (index: number | undefined): number | null =>
    index === undefined ? null : indices.push(index) - 1;
  const neighbours = found.map((of) => {
    const own = [...subjectOf.keys()].filter((n) => subjectOf[n] === subjectOf[of]);
    const sorted = own.sort((a, b) => (z[a] ?? 0) - (z[b] ?? 0));
    const place = sorted.indexOf(of);
    return { below: add(sorted[place - 1]), above: add(sorted[place + 1]) };
  });
  return { indices, neighbours };
}
