import { InputError } from "../../lib/errors";
import { toFloat32, type StoredTensor } from "../../lib/storage/safetensors";

/** Outputs may differ by this share of their norm, in float32. */
export const OUTPUT_TOLERANCE = 1e-4;
/**
 * Gradients may differ by this share. The slope of a rectifier jumps at 0: where rounding moves a value across, the
 * whole gradient of that pixel changes, and a share f of such pixels moves the sum by the root of f. In the U-Net both
 * sides are up to 0.02 away from their own gradient in float64; networks without such jumps agree to 1e-5.
 */
export const GRADIENT_TOLERANCE = 0.05;
/** Gradients shorter than this share of the longest of their phase are compared with that. */
const SHORTEST = 1e-3;

/** Names of gradients are `gradient/<phase>/<parameter>`; all others are outputs. */
const GRADIENT = /^(gradient\/[^/]*)\//;

/** How well two sides agree. */
export interface Agreement {
  /** The tensor in which they differ most, measured by its tolerance. */
  readonly worst: string;
  /** Distance over the norm. */
  readonly distance: number;
  readonly agrees: boolean;
}

/**
 * Compares outputs and gradients of a twin with those here, tensor by tensor: |a - b| / |a|, Euclidean norms.
 *
 * @param ours May hold more than the twin gives: fixed values that are stored with gradients.
 * @param gradientValues For each phase the number of values whose gradient the twin must give.
 * @throws InputError if the twin gives something else than is compared here, or leaves out what is.
 */
export function compareTwin(
  subject: string,
  ours: ReadonlyMap<string, StoredTensor>,
  theirs: ReadonlyMap<string, StoredTensor>,
  gradientValues: ReadonlyMap<string, number>,
): Agreement {
  for (const name of ours.keys())
    if (phaseOf(name) === undefined && !theirs.has(name))
      throw new InputError(subject, `the twin has no ${name}`);
  const longest = longestGradients(ours);
  const given = new Map<string, number>();
  let worst: Agreement = { worst: "nothing", distance: 0, agrees: theirs.size > 0 };
  let most = 0;
  for (const [name, tensor] of theirs) {
    const own = ours.get(name);
    if (own === undefined) throw new InputError(subject, `the twin gives ${name}, which is not known here`);
    const phase = phaseOf(name);
    const [a, b] = [toFloat32(own), toFloat32(tensor)];
    if (a.length !== b.length)
      throw new InputError(subject, `${name} has ${b.length} values, here ${a.length}`);
    if (phase !== undefined) given.set(phase, (given.get(phase) ?? 0) + a.length);
    const least = phase === undefined ? 0 : SHORTEST * (longest.get(phase) ?? 0);
    const distance = distanceOf(a, b) / Math.max(norm(a), least, Number.MIN_VALUE);
    const excess = distance / (phase === undefined ? OUTPUT_TOLERANCE : GRADIENT_TOLERANCE);
    // Written so that NaN is never agreement, nor followed by one.
    if (excess <= most) continue;
    most = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
    worst = { worst: name, distance, agrees: excess <= 1 };
  }
  for (const [phase, values] of gradientValues)
    if (given.get(phase) !== values)
      throw new InputError(
        subject,
        `${phase} of the twin has ${given.get(phase) ?? 0} values, here ${values}`,
      );
  return worst;
}

function phaseOf(name: string): string | undefined {
  return GRADIENT.exec(name)?.[1];
}

function longestGradients(tensors: ReadonlyMap<string, StoredTensor>): Map<string, number> {
  const longest = new Map<string, number>();
  for (const [name, tensor] of tensors) {
    const phase = phaseOf(name);
    if (phase !== undefined) longest.set(phase, Math.max(longest.get(phase) ?? 0, norm(toFloat32(tensor))));
  }
  return longest;
}

function norm(values: Float32Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += ((a[i] as number) - (b[i] as number)) ** 2;
  return Math.sqrt(squares);
}
