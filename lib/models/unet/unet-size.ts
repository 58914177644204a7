import type { UNetConfig } from "./unet";

/** What decides the sizes. */
type SizeConfig = Pick<UNetConfig, "depth" | "padding">;

/**
 * The side of the prediction for an image of a given side: the same with "same" padding, less with "valid".
 *
 * @throws RangeError if the levels cannot halve the side, or one of them would be empty.
 */
export function outputSide(config: SizeConfig, side: number): number {
  const result = tryOutputSide(config, side);
  if (result === undefined)
    throw new RangeError(`a U-Net of depth ${config.depth} cannot take images of side ${side}`);
  return result;
}

/**
 * The smallest side an image must be padded to for the prediction to cover `side` pixels.
 *
 * @throws RangeError if `side` is not a whole number above 0.
 */
export function inputSide(config: SizeConfig, side: number): number {
  if (!(Number.isSafeInteger(side) && side > 0)) throw new RangeError(`side ${side}`);
  // Every level but the first loses at most 4 pixels of its own a block on each way, 8 * 2^depth in all.
  const limit = side + 16 * 2 ** config.depth;
  for (let candidate = side; candidate <= limit; candidate++) {
    if ((tryOutputSide(config, candidate) ?? 0) >= side) return candidate;
  }
  throw new RangeError(`no side up to ${limit} gives a prediction of ${side} pixels`);
}

function tryOutputSide({ depth, padding }: SizeConfig, side: number): number | undefined {
  const margin = padding === "valid" ? 4 : 0; // two 3x3 convolutions take two pixels on each side
  let present = side - margin;
  for (let level = 1; level < depth; level++) {
    if (present % 2 !== 0) return undefined;
    present = present / 2 - margin;
  }
  if (present < 1) return undefined;
  for (let level = 1; level < depth; level++) present = 2 * present - margin;
  return present < 1 ? undefined : present;
}
