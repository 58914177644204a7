import * as tf from "../../backend/tf";
import { GREY_UNIT, type SlicePlanes } from "../../data/augmentation/augment-slice";
import { decodeMask } from "../../data/mask-code";
import type { UNetConfig } from "../../models/unet/unet";
import { inputSide, outputSide } from "../../models/unet/unet-size";
import type { UPerNetSwinConfig } from "../../models/swin/upernet-swin";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../../shape";
import { IGNORED_LABEL } from "./segmentation-loss";
import type { SliceReader } from "./segmentation-slices";

/** How slices become the input of a network. */
export interface InputLayout {
  /**
   * "z-score": each sequence of each slice minus its mean, over its standard deviation (of n - 1), both of the
   * pixels other than the darkest value; a sequence without two such pixels, or without spread, is only centred.
   * The study divides grey values by 256 first, which this cancels. "grey": grey values, 0 to 255.
   */
  readonly scale: "z-score" | "grey";
  /** Sides of the slice, of the slice padded with grey 0, and of the output. */
  readonly size: number;
  readonly inputSide: number;
  readonly outputSide: number;
}

/** The layout that the study has for a kind of network. @param size Side of the slices. */
export function inputLayout(config: UNetConfig | UPerNetSwinConfig, size: number): InputLayout {
  if ("backbone" in config) return { scale: "grey", size, inputSide: size, outputSide: size };
  const side = inputSide(config, size);
  return { scale: "z-score", size, inputSide: side, outputSide: outputSide(config, side) };
}

/** What a step trains on. */
export interface SegmentationBatch {
  /** [N, inputSide, inputSide, 4] flattened. */
  readonly values: Float32Array;
  /** Class index of each pixel, IGNORED_LABEL around the slice, [N, outputSide, outputSide] flattened. */
  readonly labels: Uint8Array;
}

/** An empty batch, to be filled sample by sample. */
export function newBatch(samples: number, { inputSide, outputSide }: InputLayout): SegmentationBatch {
  return {
    values: new Float32Array(samples * inputSide * inputSide * SEQUENCES.length),
    labels: new Uint8Array(samples * outputSide * outputSide).fill(IGNORED_LABEL),
  };
}

/** The input of a batch, [N, H', W', 4]. */
export function inputTensor({ values }: SegmentationBatch, { inputSide: side }: InputLayout): tf.Tensor4D {
  const samples = values.length / (side * side * SEQUENCES.length);
  return tf.tensor4d(values, [samples, side, side, SEQUENCES.length]);
}

/** Slices as a network reads them. */
export function plainBatch(
  slices: SliceReader,
  indices: ArrayLike<number>,
  layout: InputLayout,
): SegmentationBatch {
  const batch = newBatch(indices.length, layout);
  const [plane, mask] = [new Float32Array(layout.size ** 2), new Uint8Array(layout.size ** 2)];
  for (let n = 0; n < indices.length; n++) {
    const slice = slices.pixels(indices[n] ?? -1);
    for (let channel = 0; channel < MASK_CHANNEL; channel++) {
      const table = layout.scale === "grey" ? GREYS : normalisedGreys(slice, channel, isPadded(layout));
      for (let i = 0, at = channel; i < plane.length; i++, at += SLICE_CHANNELS)
        plane[i] = table[slice[at] as number] as number;
      placeSequence(batch, n, channel, layout, plane, table[0] as number);
    }
    for (let i = 0, at = MASK_CHANNEL; i < mask.length; i++, at += SLICE_CHANNELS)
      mask[i] = slice[at] as number;
    placeLabels(batch, n, layout, decodeMask(mask));
  }
  return batch;
}

/** Puts a changed slice into a batch as its n-th sample. */
export function placeSample(
  batch: SegmentationBatch,
  n: number,
  layout: InputLayout,
  { sequences, labels }: SlicePlanes,
): void {
  const scaled = new Float32Array(layout.size ** 2);
  sequences.forEach((plane, channel) => {
    const margin = layout.inputSide ** 2 - layout.size ** 2;
    const { shift, factor } =
      layout.scale === "grey" ? { shift: 0, factor: GREY_UNIT } : normalisation(plane, margin);
    for (let i = 0; i < plane.length; i++) scaled[i] = ((plane[i] as number) - shift) * factor;
    placeSequence(batch, n, channel, layout, scaled, -shift * factor);
  });
  placeLabels(batch, n, layout, labels);
}

const GREYS = Float32Array.from({ length: 256 }, (_, grey) => grey);

function isPadded({ size, inputSide }: InputLayout): boolean {
  return inputSide > size;
}

/** @param plane The slice's values. @param around The value of grey 0, which stands around them. */
function placeSequence(
  { values }: SegmentationBatch,
  n: number,
  channel: number,
  { size, inputSide: side }: InputLayout,
  plane: Float32Array,
  around: number,
): void {
  const channels = SEQUENCES.length;
  const start = n * side * side * channels + channel;
  if (side > size) for (let i = 0; i < side * side; i++) values[start + i * channels] = around;
  const margin = (side - size) >> 1;
  for (let row = 0, pixel = 0; row < size; row++) {
    let to = start + ((row + margin) * side + margin) * channels;
    for (let column = 0; column < size; column++, pixel++, to += channels)
      values[to] = plane[pixel] as number;
  }
}

function placeLabels(
  { labels }: SegmentationBatch,
  n: number,
  { size, outputSide: side }: InputLayout,
  classes: Uint8Array,
): void {
  const margin = (side - size) >> 1;
  for (let row = 0; row < size; row++)
    labels.set(classes.subarray(row * size, (row + 1) * size), (n * side + row + margin) * side + margin);
}

/** The normalised value of each of the 256 grey values in one channel of one slice. */
function normalisedGreys(slice: Uint8Array, channel: number, padded: boolean): Float32Array {
  const histogram = new Float64Array(256);
  for (let i = channel; i < slice.length; i += SLICE_CHANNELS)
    histogram[slice[i] as number] = (histogram[slice[i] as number] as number) + 1;
  const darkest = padded ? 0 : histogram.findIndex((count) => count > 0);
  let [count, sum, squares] = [0, 0, 0];
  for (let grey = darkest + 1; grey < 256; grey++) {
    const pixels = histogram[grey] as number;
    count += pixels;
    sum += pixels * grey;
    squares += pixels * grey * grey;
  }
  const mean = count > 0 ? sum / count : darkest;
  const variance = count > 1 ? (squares - count * mean * mean) / (count - 1) : 0;
  const deviation = variance > 1e-9 ? Math.sqrt(variance) : 1;
  return Float32Array.from({ length: 256 }, (_, grey) => (grey - mean) / deviation);
}

/**
 * The z-score of a changed plane. Noise can make a pixel darker than the background, which then counts; so do
 * the zeros around the slice. The study's code does the same.
 *
 * @param margin Pixels of 0 around the slice.
 */
function normalisation(
  plane: Float32Array,
  margin: number,
): { readonly shift: number; readonly factor: number } {
  let darkest = margin > 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const value of plane) if (value < darkest) darkest = value;
  let [count, sum, squares] = [darkest < 0 ? margin : 0, 0, 0];
  for (const value of plane) {
    if (value === darkest) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = count > 0 ? sum / count : darkest;
  const variance = count > 1 ? (squares - count * mean * mean) / (count - 1) : 0;
  return { shift: mean, factor: variance > 1e-14 ? 1 / Math.sqrt(variance) : 1 };
}
