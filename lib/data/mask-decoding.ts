import { MASK_CHANNEL, SLICE_CHANNELS } from "../shape";
import { encodeMask } from "./mask-code";
import { decodeNeighbours } from "./mask-neighbours";
import { decodeSlopes } from "./mask-slopes";

/**
 * How the mask of a synthetic image becomes classes.
 *
 * - thresholds: as in the study, each pixel by itself. The grey values stay as the network made them.
 * - slopes: the same, but what a blurred mask makes of rims and troughs is read for what it was.
 * - neighbours: slopes, and then each pixel by its grey value and the classes around it.
 *
 * With the last two the mask then holds pure codes.
 */
export const MASK_DECODINGS = ["thresholds", "slopes", "neighbours"] as const;
export type MaskDecoding = (typeof MASK_DECODINGS)[number];

/** What people call them. */
export const MASK_DECODING_TITLE: Readonly<Record<MaskDecoding, string>> = {
  thresholds: "each pixel by thresholds on its grey value",
  slopes:
    "by thresholds, but the tumour's rim is either background or edema, and a trough inside it is necrotic core",
  neighbours:
    "each pixel by its grey value and the classes around it, which stand side by side as often as in annotations",
};

const DECODE: Readonly<
  Record<Exclude<MaskDecoding, "thresholds">, (grey: Uint8Array, size: number) => Uint8Array>
> = { slopes: decodeSlopes, neighbours: decodeNeighbours };

/** Turns the masks of images into what their decoding says, in place. @param images [N, H, W, 5]. */
export function decodeMasksOf(images: Uint8Array, size: number, decoding: MaskDecoding): void {
  if (decoding === "thresholds") return;
  const grey = new Uint8Array(size * size);
  for (let start = 0; start < images.length; start += grey.length * SLICE_CHANNELS) {
    for (let i = 0, at = start + MASK_CHANNEL; i < grey.length; i++, at += SLICE_CHANNELS)
      grey[i] = images[at] as number;
    const codes = encodeMask(DECODE[decoding](grey, size));
    for (let i = 0, at = start + MASK_CHANNEL; i < grey.length; i++, at += SLICE_CHANNELS)
      images[at] = codes[i] as number;
  }
}
