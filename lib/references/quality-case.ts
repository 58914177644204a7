import { z } from "zod";
import { InputError } from "../errors";
import { requireComparable, type Features } from "../metrics/features";
import { frechetDistance } from "../metrics/frechet-distance";
import { inceptionScore } from "../metrics/inception-score";
import { kernelDistance } from "../metrics/kernel-distance";
import { neighbourhoods } from "../metrics/neighbourhoods";
import { toFloat32 } from "../storage/safetensors";
import { compareNumbers, type Comparison, type Tolerance } from "./comparison";
import type { ReferenceCase } from "./reference-case";

const EXACT: Tolerance = { limit: 1e-6, of: "each" };
/** The reference takes a matrix root, which loses half of the digits where a covariance is singular. */
const ROOT: Tolerance = { limit: 1e-4, of: "each" };

/** Neighbours of the reference's precision and recall. */
const NEIGHBOURS = 3;

/** Real images of which the reference makes a singular covariance, of 48 features. */
const FEW_IMAGES = 20;

/** Expected measures of `features.real`, `features.fake` and `probabilities`. */
export const qualitySchema = z.object({
  fid: z.number().optional(),
  /** Of the first real images, fewer than there are features, against all synthetic ones. */
  fid_singular: z.number().optional(),
  kid_full: z.number().optional(),
  inception_score: z.number().optional(),
  precision: z.number().optional(),
  recall: z.number().optional(),
});

/** Compares each measure that a case states. */
export function compareQuality(
  reference: ReferenceCase,
  expected: z.infer<typeof qualitySchema>,
): Comparison[] {
  const measures = [
    ["fid", ROOT, (real, fake) => frechetDistance(real, fake)],
    ["fid_singular", ROOT, (real, fake) => frechetDistance(firstImages(real, FEW_IMAGES), fake)],
    ["kid_full", EXACT, kernelDistance],
    ["inception_score", EXACT, () => inceptionScoreOf(reference)],
    ["precision", EXACT, (real, fake) => shareWithin(neighbourhoods(real, fake, NEIGHBOURS).ofReal)],
    ["recall", EXACT, (real, fake) => shareWithin(neighbourhoods(real, fake, NEIGHBOURS).ofSynthetic)],
  ] as const satisfies readonly (readonly [keyof typeof expected, Tolerance, Measure])[];
  return measures.flatMap(
    ([name, tolerance, measure]: readonly [keyof typeof expected, Tolerance, Measure]) => {
      const wanted = expected[name];
      if (wanted === undefined) return [];
      const [real, fake] = [features(reference, "features.real"), features(reference, "features.fake")];
      try {
        requireComparable(real, fake, FEW_IMAGES);
      } catch (error) {
        throw error instanceof RangeError ? new InputError(reference.path, error.message) : error;
      }
      return [compareNumbers(name, [measure(real, fake)], [wanted], tolerance)];
    },
  );
}

type Measure = (real: Features, fake: Features) => number;

function inceptionScoreOf(reference: ReferenceCase): number {
  const { count, size, values } = features(reference, "probabilities");
  return inceptionScore({ count, classes: size, values }).mean;
}

function shareWithin(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + Number(count > 0), 0) / counts.length;
}

function features(reference: ReferenceCase, name: string): Features {
  const tensor = reference.tensors.get(name);
  const [count, size, ...others] = tensor?.shape ?? [];
  if (tensor === undefined || count === undefined || size === undefined || others.length > 0)
    throw new InputError(reference.path, `has no ${name} of two axes`);
  return { count, size, values: toFloat32(tensor) };
}

function firstImages({ size, values }: Features, count: number): Features {
  return { count, size, values: values.subarray(0, count * size) };
}
