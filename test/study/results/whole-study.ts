import { Rng } from "../../../lib/backend/rng";
import { GENERATOR_NAMES, type GeneratorName } from "../../../lib/generators/generator-config";
import {
  generatorName,
  segmentationName,
  tableRows,
  type SegmentationCell,
  type Segmenter,
} from "../../../lib/study/grid/cells";
import { imageStatistics } from "../../../lib/study/results/image-statistics";
import type { StudyPictures } from "../../../lib/study/results/study-pictures";
import type {
  GeneratorRecord,
  ImageRecord,
  MemorizationRecord,
  SegmentationRecord,
  StudyResults,
} from "../../../lib/study/results/study-results";
import { discSlices } from "../../figures/examples";
import { emptyResults, generatorCell, matched, origin, qualityOf, SUBJECTS, trained } from "./made-up";

/** Dice that a row reaches in the made-up study. */
const LEVEL: Readonly<Record<GeneratorName | "none", number>> = {
  none: 0.66,
  "progressive-gan": 0.5,
  stylegan1: 0.53,
  stylegan2: 0.58,
  stylegan3: 0.57,
  diffusion: 0.6,
};

function drawnDice(cell: SegmentationCell): SegmentationRecord {
  const level =
    (cell.real ? 0.66 + (cell.generator === null ? 0 : 0.01) : LEVEL[cell.generator ?? "none"]) +
    (cell.augmentation ? 0.015 : 0) -
    (cell.segmenter === "swin" ? 0.03 : 0) -
    0.1 * Math.log(SUBJECTS / cell.subjects);
  const hardness = Rng.fromSeed(5).fork("subjects").normals(14);
  const drawn = (shift: number, name: string): number[] =>
    Array.from(Rng.fromSeed(6).fork(segmentationName(cell), name).normals(14), (draw, i) =>
      Math.min(0.97, Math.max(0, level + shift + 0.08 * (hardness[i] ?? 0) + 0.03 * draw)),
    );
  const necroticCore = drawn(-0.12, "core").map((value, i) => (i === 3 ? Number.NaN : value));
  return trained(cell, { necroticCore, edema: drawn(0.03, "edema"), enhancingTumour: drawn(0.09, "gd") });
}

function grid(): readonly SegmentationCell[] {
  const segmenters: readonly Segmenter[] = ["unet", "swin"];
  const full = segmenters.flatMap((segmenter) =>
    tableRows().flatMap((row) =>
      (segmenter === "unet" ? [1, 2, 3] : [1]).map((seed) => ({
        cohort: "simulated",
        segmenter,
        ...row,
        subjects: SUBJECTS,
        seed,
      })),
    ),
  );
  const curve = [12, 23, 46].flatMap((subjects) =>
    ([null, ...GENERATOR_NAMES] as const).map((generator) => ({
      cohort: "simulated",
      segmenter: "unet" as const,
      generator,
      real: true,
      augmentation: false,
      subjects,
      seed: 1,
    })),
  );
  return [...full, ...curve];
}

function drawnMatches(generator: GeneratorName, subjects: number): MemorizationRecord {
  const centre = {
    "progressive-gan": 0.86,
    stylegan1: 0.88,
    stylegan2: 0.89,
    stylegan3: 0.885,
    diffusion: 0.9,
  }[generator];
  const closer =
    generator === "diffusion" ? 0.035 * Math.log(SUBJECTS / subjects) : 0.008 * Math.log(SUBJECTS / subjects);
  const drop = 0.012 * Math.log(SUBJECTS / subjects);
  const around = (mean: number, spread: number, count: number, name: string): number[] =>
    Array.from(Rng.fromSeed(8).fork(generator, subjects, name).normals(count), (draw) =>
      Math.min(0.998, mean + spread * draw),
    );
  return matched(
    generatorCell(generator, subjects),
    around(centre + closer, 0.02, 800, "s"),
    around(0.89 - drop, 0.02, 700, "h"),
  );
}

function drawnGenerator(generator: GeneratorName, i: number): GeneratorRecord {
  const cell = generatorCell(generator);
  const steps = Array.from({ length: 120 }, (_, k) => (k + 1) * 1500);
  const noise = Rng.fromSeed(9).fork(generator).normals(120);
  const curve = (name: string, level: number) => ({
    name,
    imagesSeen: steps,
    values: steps.map((s, k) => level + 1.5 * Math.exp(-s / 20_000) + 0.08 * (noise[k] ?? 0)),
  });
  return {
    cell,
    origin: origin(generatorName(cell)),
    weights: "shipped",
    size: 64,
    parameters: { generator: 1.5e6 + 4e5 * i, all: 2.4e6 + 7e5 * i },
    imagesSeen: 180_000,
    trainingSec: 3000 + 600 * i,
    imagesPerSec: 60 - 6 * i,
    peakMemoryBytes: 1.6e9,
    loss:
      generator === "diffusion"
        ? [curve("mean squared error", 0.05)]
        : [curve("generator", 1), curve("discriminator", 0.7)],
    sampling: {
      origin: origin(`samples-${generatorName(cell)}`),
      images: 1024,
      durationSec: 12 + 20 * i,
      imagesPerSec: 1024 / (12 + 20 * i),
      peakMemoryBytes: 1.1e9,
      withoutTumour: 300 + 20 * i,
    },
  };
}

/** A whole study as it might come out, drawn from fixed seeds. */
export function wholeStudy(): StudyResults {
  const cells = grid();
  const finished = cells.filter(
    ({ segmenter, generator, augmentation }) =>
      !(segmenter === "swin" && (augmentation || generator === "stylegan3")),
  );
  const images: readonly ImageRecord[] = [
    { cell: null, statistics: imageStatistics(discSlices(40, 1)) },
    ...GENERATOR_NAMES.map((name, i) => ({
      cell: generatorCell(name),
      statistics: imageStatistics(discSlices(40, 2 + i)),
    })),
  ];
  return emptyResults({
    planned: { generators: GENERATOR_NAMES.map((name) => generatorCell(name)), segmentation: cells },
    missing: [],
    segmentation: finished.map(drawnDice),
    generators: GENERATOR_NAMES.map(drawnGenerator),
    images,
    quality: GENERATOR_NAMES.map((name, i) =>
      qualityOf(name, [95, 70, 40, 52, 61][i] ?? 0, [1.9, 2.2, 2.4, 2.1, 2.3][i] ?? 0),
    ),
    memorization: [12, 23, 46, SUBJECTS].flatMap((subjects) =>
      GENERATOR_NAMES.map((name) => drawnMatches(name, subjects)),
    ),
    stages: ["cohort", "slices", "samples-diffusion"].map((name, i) => ({
      origin: origin(name, { durationSec: 20 * (i + 1) }),
      images: i === 2 ? 1024 : null,
    })),
    differences: [{ what: "slices", study: "256 x 256", here: "64 x 64" }],
    environment: [
      { name: "commit", value: "0123456789ab" },
      { name: "device", value: "CPU, 2 threads" },
    ],
  });
}

/** Pictures to go with it: discs. */
export function wholePictures(): StudyPictures {
  const test = discSlices(3, 21, ["SIM_0061", "SIM_0062", "SIM_0063"]);
  const classes = Uint8Array.from({ length: 3 * 256 }, (_, i) => (i % 256 > 100 && i % 256 < 110 ? 2 : 0));
  const cells = grid().filter(
    ({ segmenter, seed, subjects, augmentation }) =>
      seed === 1 && subjects === SUBJECTS && !(segmenter === "swin" && augmentation),
  );
  return {
    real: discSlices(2, 11),
    generators: GENERATOR_NAMES.map((generator, i) => ({
      generator,
      slices: discSlices(2, 30 + i, ["synthetic"]),
    })),
    overlays: { set: test, predictions: cells.map((cell) => ({ cell, classes })) },
    pairs: GENERATOR_NAMES.map((generator, i) => ({
      cell: generatorCell(generator),
      sequence: "t1wGd",
      extent: "image",
      synthetic: discSlices(1, 40 + i, ["synthetic"]),
      training: discSlices(3, 50 + i, ["SIM_0007"]),
      neighbours: [{ below: i === 0 ? null : 1, above: 2 }],
      r: [0.9 + 0.01 * i],
    })),
  };
}
