import { MASK_CHANNEL, SLICE_CHANNELS } from "../shape";

/**
 * Sets the sequences to 0 where they are nearly black, in place; masks stay. Around real heads there is nothing but 0,
 * and the segmentation networks' z-score counts all that is not: a generator's almost black changes it for the whole
 * slice.
 *
 * @param images [N, H, W, 5]. @param below The least grey value that stays; 0 or 1 leaves all.
 */
export function blackenBackground(images: Uint8Array, below: number): void {
  if (below <= 1) return;
  for (let i = 0; i < images.length; i += SLICE_CHANNELS)
    for (let at = i; at < i + MASK_CHANNEL; at++) if ((images[at] as number) < below) images[at] = 0;
}
