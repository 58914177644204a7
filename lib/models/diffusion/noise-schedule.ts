/** Which betas: the linear ones of DDPM, scaled to the number of steps, or the cosine ones. */
export type ScheduleName = "linear" | "cosine";

/**
 * The noise of every step of a diffusion process and the coefficients that follow from it, in double
 * precision, each of length T. Index 0 is the first (least noisy) step.
 *
 * @see Ho et al. 2020, arXiv 2006.11239, equations 4, 6 and 7.
 */
export interface NoiseSchedule {
  /** Variance added at a step. */
  readonly betas: Float64Array;
  /** Product of 1 - beta up to a step. */
  readonly alphasCumprod: Float64Array;
  readonly posteriorVariance: Float64Array;
  /** Logarithm of the posterior variance; the first, which would be log 0, is replaced by the second. */
  readonly posteriorLogVarianceClipped: Float64Array;
  /** Weight of x_0 in the posterior mean. */
  readonly posteriorMeanCoef1: Float64Array;
  /** Weight of x_t in the posterior mean. */
  readonly posteriorMeanCoef2: Float64Array;
  /** The step number that the network is told for each index: the same, unless steps were left out. */
  readonly timesteps: Int32Array;
}

/** The schedule of guided-diffusion with T steps. */
export function noiseSchedule(name: ScheduleName, steps: number): NoiseSchedule {
  if (!(Number.isInteger(steps) && steps > 1))
    throw new RangeError(`a noise schedule needs at least 2 steps, not ${steps}`);
  return fromBetas(
    name === "linear" ? linearBetas(steps) : cosineBetas(steps),
    Int32Array.from({ length: steps }, (_, t) => t),
  );
}

/**
 * The same process with only some of its steps: betas that keep alpha-bar at the steps kept.
 *
 * @param kept Step numbers, rising.
 * @see Nichol and Dhariwal 2021, arXiv 2102.09672, section 4; `SpacedDiffusion` of the code.
 */
export function respaced(schedule: NoiseSchedule, kept: Int32Array): NoiseSchedule {
  const betas = new Float64Array(kept.length);
  let last = 1;
  kept.forEach((t, i) => {
    const abar = schedule.alphasCumprod[t];
    if (abar === undefined)
      throw new RangeError(`step ${t} is not in a schedule of ${schedule.betas.length} steps`);
    betas[i] = 1 - abar / last;
    last = abar;
  });
  return fromBetas(
    betas,
    Int32Array.from(kept, (t) => schedule.timesteps[t] ?? t),
  );
}

/** Evenly spaced steps for DDIM sampling with exactly `count` steps, from 0 (`space_timesteps("ddimN")`). */
export function ddimSteps(total: number, count: number): Int32Array {
  for (let stride = 1; stride < total; stride++) {
    if (Math.ceil(total / stride) === count) return Int32Array.from({ length: count }, (_, i) => i * stride);
  }
  throw new RangeError(`${total} steps cannot be thinned to exactly ${count} with an integer stride`);
}

/** Deviation of the noise, where that of the clean image is 1, above which there is nothing of the image to see. */
const MOST_SIGMA = 80;
/** How much denser the steps are where there is little noise. */
const RHO = 7;

/**
 * Steps for samplers of higher order: dense at both ends, where the image changes most with the noise. The steps of the
 * schedule that come nearest to the noise levels of Karras et al. with sigma_max 80 and rho 7.
 *
 * @throws RangeError if the schedule has no `count` different steps near those levels.
 * @see Karras et al. 2022, arXiv 2206.00364, equation 5.
 */
export function karrasSteps({ alphasCumprod }: NoiseSchedule, count: number): Int32Array {
  const sigmas = alphasCumprod.map((abar) => Math.sqrt(1 / abar - 1));
  const root = (sigma: number): number => sigma ** (1 / RHO);
  const [least, most] = [
    root(sigmas[0] ?? Number.NaN),
    root(Math.min(MOST_SIGMA, sigmas.at(-1) ?? Number.NaN)),
  ];
  const steps = Int32Array.from({ length: count }, (_, i) =>
    nearestByRatio(sigmas, (least + ((most - least) * i) / (count - 1)) ** RHO),
  );
  if (count < 2 || new Set(steps).size < count)
    throw new RangeError(`${alphasCumprod.length} steps cannot be thinned to ${count} by their noise`);
  return steps;
}

/** Index of the value whose ratio to another is nearest to 1. */
function nearestByRatio(values: Float64Array, to: number): number {
  const distances = values.map((value) => Math.abs(Math.log(value / to)));
  return distances.indexOf(distances.reduce((least, distance) => Math.min(least, distance), Infinity));
}

function linearBetas(steps: number): Float64Array {
  // DDPM's 1e-4 .. 0.02 belong to 1000 steps; guided-diffusion scales them to T.
  const scale = 1000 / steps;
  const [first, last] = [scale * 1e-4, scale * 0.02];
  return Float64Array.from({ length: steps }, (_, t) => first + ((last - first) * t) / (steps - 1));
}

function cosineBetas(steps: number): Float64Array {
  const abar = (share: number) => Math.cos(((share + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: steps }, (_, t) =>
    Math.min(1 - abar((t + 1) / steps) / abar(t / steps), 0.999),
  );
}

/** @throws RangeError if a beta is not between 0 and 1: scaled linear betas of 20 steps or fewer are not. */
function fromBetas(betas: Float64Array, timesteps: Int32Array): NoiseSchedule {
  if (!betas.every((beta) => beta > 0 && beta < 1))
    throw new RangeError(`${betas.length} steps give betas outside (0, 1)`);
  let product = 1;
  const alphasCumprod = betas.map((beta) => (product *= 1 - beta));
  const before = alphasCumprod.map((_, t) => (t === 0 ? 1 : (alphasCumprod[t - 1] ?? 1)));
  const at = (values: Float64Array, t: number) => values[t] ?? Number.NaN;
  const posteriorVariance = betas.map((beta, t) => (beta * (1 - at(before, t))) / (1 - at(alphasCumprod, t)));
  return {
    betas,
    alphasCumprod,
    posteriorVariance,
    posteriorLogVarianceClipped: posteriorVariance.map((_, t) =>
      Math.log(at(posteriorVariance, Math.max(t, 1))),
    ),
    posteriorMeanCoef1: betas.map(
      (beta, t) => (beta * Math.sqrt(at(before, t))) / (1 - at(alphasCumprod, t)),
    ),
    posteriorMeanCoef2: betas.map(
      (beta, t) => ((1 - at(before, t)) * Math.sqrt(1 - beta)) / (1 - at(alphasCumprod, t)),
    ),
    timesteps,
  };
}
