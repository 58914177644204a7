import type { RngStream } from "../../backend/rng";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../shape";
import { decodeMask } from "../mask-code";
import type { AugmentationConfig, Range } from "./augmentation-config";
import { applyGamma, leastOf } from "./gamma";
import { gaussianBlur } from "./gaussian-blur";
import { rotateCubic, rotateNearest } from "./rotation";
import { fitCentre, zoomCubic, zoomedSize, zoomNearest } from "./zoom";

/** Grey values are divided by this before intensities change, as in the study's code. */
export const GREY_UNIT = 256;

/** A slice in planes. */
export interface SlicePlanes {
  /** Each sequence, [H, W] flattened, grey values / 256. */
  readonly sequences: Float32Array[];
  /** Class index of each pixel. */
  readonly labels: Uint8Array;
}

/**
 * A slice changed at random: mirrored, turned, scaled, then noisier, blurred, coarser and of other contrast. Sequences
 * and labels keep their places to each other. Geometry is done on 8-bit values, rounded after each step, as in the
 * study's code.
 *
 * @param slice [H, W, 5].
 * @param stream Of this sample alone.
 * @param outside Label of pixels that come from outside of the slice.
 */
export function augmentSlice(
  slice: Uint8Array,
  size: number,
  config: AugmentationConfig,
  stream: RngStream,
  outside: number,
): SlicePlanes {
  let pixels = sequencesOf(slice); // [H, W, C]
  let labels = labelsOf(slice);
  const { mirror, rotation, scale } = config;
  if (mirror !== undefined)
    for (const axis of ["rows", "columns"] as const)
      if (stream.uniform() < mirror.probability) {
        pixels = mirrored(pixels, size, axis, MASK_CHANNEL);
        labels = mirrored(labels, size, axis, 1);
      }
  if (stream.uniform() < rotation.probability) {
    const degrees = stream.uniform(...rotation.degrees);
    pixels = rotateCubic(pixels, size, degrees, MASK_CHANNEL);
    roundToBytes(pixels);
    labels = rotateNearest(labels, size, degrees, outside);
  }
  if (stream.uniform() < scale.probability) {
    const [whole, columns] = [[size, size] as const, stream.uniform(...scale.factor)];
    const zoomed = zoomedSize(whole, [stream.uniform(...scale.factor), columns]);
    pixels = fitCentre(zoomCubic(pixels, whole, zoomed, MASK_CHANNEL), zoomed, whole, 0, MASK_CHANNEL);
    roundToBytes(pixels);
    labels = fitCentre(zoomNearest(labels, whole, zoomed), zoomed, whole, outside);
  }
  return { sequences: changeIntensities(planesOf(pixels), size, config, stream), labels };
}

/** The same values with the order of the rows, or of the columns, turned round. @param values [H, W, C]. */
function mirrored<T extends Float32Array | Uint8Array>(
  values: T,
  size: number,
  axis: "rows" | "columns",
  channels: number,
): T {
  const result = values.slice() as T;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const from = axis === "rows" ? (size - 1 - row) * size + column : row * size + (size - 1 - column);
      for (let channel = 0; channel < channels; channel++)
        result[(row * size + column) * channels + channel] = values[from * channels + channel] as number;
    }
  return result;
}

/** The sequences of a slice, [H, W, 4], grey values. */
function sequencesOf(slice: Uint8Array): Float32Array {
  const pixels = new Float32Array((slice.length / SLICE_CHANNELS) * MASK_CHANNEL);
  for (let from = 0, to = 0; from < slice.length; from += SLICE_CHANNELS)
    for (let channel = 0; channel < MASK_CHANNEL; channel++) pixels[to++] = slice[from + channel] as number;
  return pixels;
}

function labelsOf(slice: Uint8Array): Uint8Array {
  const mask = new Uint8Array(slice.length / SLICE_CHANNELS);
  for (let i = 0, at = MASK_CHANNEL; i < mask.length; i++, at += SLICE_CHANNELS)
    mask[i] = slice[at] as number;
  return decodeMask(mask);
}

/** Each sequence in a plane of its own, in grey values / 256. @param pixels [H, W, 4], grey values. */
function planesOf(pixels: Float32Array): Float32Array[] {
  return Array.from({ length: MASK_CHANNEL }, (_, channel) => {
    const plane = new Float32Array(pixels.length / MASK_CHANNEL);
    for (let i = 0, at = channel; i < plane.length; i++, at += MASK_CHANNEL)
      plane[i] = (pixels[at] as number) / GREY_UNIT;
    return plane;
  });
}

function changeIntensities(
  planes: readonly Float32Array[],
  size: number,
  { noise, blur, resolution, invertedGamma, gamma }: AugmentationConfig,
  stream: RngStream,
): Float32Array[] {
  const sequences = [...planes];
  const someChannels = (
    { probability, channelProbability }: AugmentationConfig["noise" | "blur" | "resolution"],
    change: (plane: Float32Array) => Float32Array,
  ): void => {
    if (stream.uniform() >= probability) return;
    sequences.forEach((plane, channel) => {
      if (stream.uniform() < channelProbability) sequences[channel] = change(plane);
    });
  };
  someChannels(noise, (plane) => addNoise(plane, stream.uniform(...noise.deviation), stream));
  someChannels(blur, (plane) => gaussianBlur(plane, size, stream.uniform(...blur.sigma)));
  someChannels(resolution, (plane) => coarsen(plane, size, stream.uniform(...resolution.zoom)));
  if (stream.uniform() < invertedGamma.probability)
    for (const plane of sequences) {
      negate(plane);
      applyGamma(plane, drawExponent(invertedGamma.exponent, stream));
      negate(plane);
    }
  if (stream.uniform() < gamma.probability)
    for (const plane of sequences) applyGamma(plane, drawExponent(gamma.exponent, stream));
  return sequences;
}

/** Normal noise on the foreground: what is above the plane's minimum. */
function addNoise(plane: Float32Array, deviation: number, stream: RngStream): Float32Array {
  const least = leastOf(plane);
  const noisy = plane.slice();
  for (let i = 0; i < noisy.length; i++) {
    const value = plane[i] as number;
    if (value !== least) noisy[i] = value + stream.normal(0, deviation);
  }
  return noisy;
}

/** A plane on a coarser grid and back; the last row and column may stay as they were. */
function coarsen(plane: Float32Array, size: number, zoom: number): Float32Array {
  const whole = [size, size] as const;
  const small = zoomedSize(whole, [zoom, zoom]);
  const back = zoomedSize(small, [1 / zoom, 1 / zoom]);
  const coarse = zoomNearest(zoomCubic(plane, whole, small), small, back);
  const result = plane.slice();
  const common = Math.min(size, back[1]);
  for (let row = 0; row < Math.min(size, back[0]); row++)
    result.set(coarse.subarray(row * back[1], row * back[1] + common), row * size);
  return result;
}

/** Half of the exponents lie below 1 and half above, however far the range reaches on either side. */
function drawExponent([least, most]: Range, stream: RngStream): number {
  return stream.uniform() < 0.5 && least < 1
    ? stream.uniform(least, Math.min(1, most))
    : stream.uniform(Math.max(least, 1), Math.max(most, 1));
}

function roundToBytes(pixels: Float32Array): void {
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.min(255, Math.max(0, Math.floor((pixels[i] as number) + 0.5)));
}

function negate(plane: Float32Array): void {
  for (let i = 0; i < plane.length; i++) plane[i] = -(plane[i] as number);
}
