import type { Rng } from "../backend/rng";
import type { Interval } from "./bootstrap";
import type { Features } from "./features";
import { bootstrapFrechetDistance } from "./frechet-distance";
import { bootstrapInceptionScore, type Probabilities } from "./inception-score";
import { bootstrapKernelDistance } from "./kernel-distance";
import { densityCoverage, precisionRecall } from "./precision-recall";

/** Features of a set and what made them. */
export interface NamedFeatures extends Features {
  readonly extractor: string;
  /** Whether the extractor is the one that FID and Inception score are defined with. */
  readonly canonical: boolean;
  readonly probabilities: Probabilities | undefined;
}

/** How good synthetic images are by one extractor's features. */
export interface ImageQuality {
  readonly extractor: string;
  readonly canonical: boolean;
  /** Numbers of images and of features, on which the values depend. */
  readonly realCount: number;
  readonly syntheticCount: number;
  readonly featureCount: number;
  /** FID of canonical features; it falls as the number of images rises. */
  readonly frechetDistance: Interval;
  /** KID of canonical features. */
  readonly kernelDistance: Interval;
  readonly precision: Interval;
  readonly recall: Interval;
  readonly density: Interval;
  readonly coverage: Interval;
  /** Inception score of canonical probabilities; undefined where the extractor is no classifier. */
  readonly classScore: Interval | undefined;
  /** Why a value says less than it seems to, a sentence each. */
  readonly warnings: readonly string[];
}

export interface ImageQualityOptions {
  readonly rng: Rng;
  /** Draws of the intervals that cost little; default 1000. */
  readonly replicates?: number;
  /** Draws of the Fréchet distance's interval, each as costly as the distance; default 20. */
  readonly frechetReplicates?: number;
}

/**
 * Every measure of synthetic images against real ones in one extractor's features.
 *
 * @throws RangeError if the features do not fit each other, or a set has fewer than six images.
 */
export function imageQuality(
  real: NamedFeatures,
  synthetic: NamedFeatures,
  { rng, replicates = 1000, frechetReplicates = 20 }: ImageQualityOptions,
): ImageQuality {
  if (real.extractor !== synthetic.extractor)
    throw new RangeError(`features of ${real.extractor} against features of ${synthetic.extractor}`);
  const options = (name: string) => ({ rng: rng.fork(name), replicates });
  return {
    extractor: real.extractor,
    canonical: real.canonical,
    realCount: real.count,
    syntheticCount: synthetic.count,
    featureCount: real.size,
    frechetDistance: bootstrapFrechetDistance(real, synthetic, { rng, replicates: frechetReplicates }),
    kernelDistance: bootstrapKernelDistance(real, synthetic, options("kernel")),
    ...precisionRecall(real, synthetic, options("precision")),
    ...densityCoverage(real, synthetic, options("density")),
    classScore:
      synthetic.probabilities === undefined
        ? undefined
        : bootstrapInceptionScore(synthetic.probabilities, options("classes")),
    warnings: qualityWarnings(real, synthetic),
  };
}

/** What to call the measures: FID, KID and Inception score are names of the canonical extractor's alone. */
export function qualityNames({ extractor, canonical }: Pick<ImageQuality, "extractor" | "canonical">): {
  readonly frechetDistance: string;
  readonly kernelDistance: string;
  readonly classScore: string;
} {
  return canonical
    ? { frechetDistance: "FID", kernelDistance: "KID", classScore: "Inception score" }
    : {
        frechetDistance: `Fréchet distance (${extractor})`,
        kernelDistance: `Kernel distance (${extractor})`,
        classScore: `Class score (${extractor})`,
      };
}

/** Where samples are too small for what is made of them. */
function qualityWarnings(real: NamedFeatures, synthetic: NamedFeatures): readonly string[] {
  const warnings: string[] = [];
  for (const [kind, { count, size }] of [["real", real] as const, ["synthetic", synthetic] as const])
    if (count <= size)
      warnings.push(
        `${count} ${kind} images do not outnumber the ${size} features: their covariance is singular, and the Fréchet distance is too large.`,
      );
  if (real.count !== synthetic.count)
    warnings.push(
      `${real.count} real against ${synthetic.count} synthetic images: precision, recall and Fréchet distance depend on both numbers.`,
    );
  return warnings;
}
