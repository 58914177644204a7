import type { GeneratorName } from "../../../lib/generators/generator-config";
import {
  generatorName,
  segmentationName,
  type GeneratorCell,
  type SegmentationCell,
} from "../../../lib/study/grid/cells";
import type {
  MemorizationRecord,
  Origin,
  QualityRecord,
  SegmentationRecord,
  StudyResults,
} from "../../../lib/study/results/study-results";

export const SUBJECTS = 52;

export function origin(name: string, more: Partial<Origin> = {}): Origin {
  return {
    name,
    path: `cells/${name}/record.json`,
    key: "ab12".repeat(16),
    seed: 1,
    commit: "0123456789ab",
    durationSec: 60,
    peakMemoryBytes: 1.2e9,
    settings: { batchSize: 16 },
    ...more,
  };
}

/** A training of a U-Net with given Dice of its test subjects, the same for all classes where one list is given. */
export function trained(
  cell: Partial<SegmentationCell>,
  dice: readonly number[] | SegmentationRecord["dice"],
): SegmentationRecord {
  const whole: SegmentationCell = {
    cohort: "simulated",
    segmenter: "unet",
    generator: null,
    real: cell.generator === undefined,
    augmentation: false,
    subjects: SUBJECTS,
    seed: 1,
    ...cell,
  };
  const classes = "edema" in dice ? dice : { necroticCore: dice, edema: dice, enhancingTumour: dice };
  const steps = Array.from({ length: 60 }, (_, i) => (i + 1) * 200);
  return {
    cell: whole,
    origin: origin(segmentationName(whole), { seed: whole.seed }),
    subjects: classes.edema.map((_, i) => `SIM_${String(i + 1).padStart(4, "0")}`),
    dice: classes,
    parameters: 1_900_000,
    trainingSlices: 3000,
    imagesSeen: 12_000,
    imagesPerSec: 160,
    validations: [2, 4, 6, 8, 10, 12].map((k) => ({
      imagesSeen: 1000 * k,
      dice: 0.7 * (1 - Math.exp(-k / 3)),
    })),
    loss: [
      { name: "loss", imagesSeen: steps, values: steps.map((step) => 2.2 * Math.exp(-step / 4000) - 0.6) },
    ],
  };
}

export function generatorCell(generator: GeneratorName, subjects = SUBJECTS): GeneratorCell {
  return { cohort: "simulated", generator, subjects, seed: 1 };
}

/** A memorization record with given best matches; held-out slices are of as many subjects as values / 10. */
export function matched(
  cell: GeneratorCell,
  synthetic: readonly number[],
  heldOut: readonly number[],
): MemorizationRecord {
  return {
    cell,
    origin: origin(`memorization-${generatorName(cell)}`),
    sequence: "t1wGd",
    extent: "image",
    synthetic,
    heldOut,
    heldOutSubject: heldOut.map((_, i) => Math.floor(i / 10)),
    membership: { estimate: 0.53, low: 0.5, high: 0.56 },
    copyShare: 0,
  };
}

export function qualityOf(
  generator: GeneratorName,
  frechet: number,
  score: number,
  canonical = false,
): QualityRecord {
  const interval = (estimate: number, reach: number) => ({
    estimate,
    low: estimate - reach,
    high: estimate + reach,
  });
  const cell = generatorCell(generator);
  return {
    cell,
    origin: origin(`image-quality-${generatorName(cell)}`),
    extractor: canonical ? "Inception v3 (FID)" : "EfficientNet-Lite0",
    canonical,
    realCount: 3000,
    syntheticCount: 1024,
    featureCount: 1280,
    frechetDistance: interval(frechet, 0.05 * frechet),
    kernelDistance: interval(frechet / 1000, frechet / 2e4),
    precision: interval(0.6, 0.03),
    recall: interval(0.4, 0.03),
    density: interval(0.7, 0.04),
    coverage: interval(0.5, 0.02),
    classScore: interval(score, 0.1),
    warnings: [
      "1024 synthetic images do not outnumber the 1280 features: their covariance is singular, and the Fréchet distance is too large.",
    ],
  };
}

/** A run with nothing in it, for tests to add to. */
export function emptyResults(more: Partial<StudyResults> = {}): StudyResults {
  const part = (subjects: number) => ({ subjects, slices: subjects * 70, sha256: "cd34".repeat(16) });
  return {
    format: "synthmr-results-1",
    profile: { name: "quick", purpose: "made up", meaningful: true, size: 64, seed: 1 },
    command: "npm run reproduce",
    cohort: {
      name: "simulated",
      title: "simulated cohort",
      simulated: true,
      mayShow: true,
      train: part(SUBJECTS),
      validation: part(6),
      test: part(14),
      sha256: "ef56".repeat(16),
      notes: [],
    },
    planned: { generators: [], segmentation: [] },
    missing: [],
    segmentation: [],
    generators: [],
    images: [],
    quality: [],
    memorization: [],
    copies: [],
    stages: [],
    differences: [],
    environment: [],
    ...more,
  };
}
