import { InputError } from "../errors";
import { SLICE_CHANNELS } from "../shape";
import { placeInBatches } from "./batch-places";

/** Seeds are whole numbers from 0 to this, exclusive. */
export const SEED_LIMIT = 2 ** 31;

/** Draws one full batch. */
export interface BatchPainter {
  /** @param seeds As many as the batch size. @returns [N, H, W, C], 0 to 255. */
  paint(seeds: readonly number[]): Uint8Array;
  dispose(): void;
}

/**
 * Images by their seeds: image k is the same bytes whoever asks for it, alone or among a hundred thousand, on the
 * same machine with the same number of threads.
 */
export class ImageSource {
  readonly channels = SLICE_CHANNELS;

  /**
   * @param size Height and width.
   * @param batchSize Images drawn together. Seeds k, k + 1, ... that fill batches from a multiple of it cost least.
   */
  constructor(
    readonly size: number,
    readonly batchSize: number,
    private readonly painter: BatchPainter,
  ) {}

  /**
   * Draws images.
   *
   * @returns [N, H, W, C], 0 to 255, in the order of the seeds; the last channel is the mask as a grey code.
   * @throws InputError if a seed is not a whole number from 0 on.
   */
  drawBatch(seeds: readonly number[]): Uint8Array {
    const odd = seeds.find((seed) => !(Number.isInteger(seed) && seed >= 0 && seed < SEED_LIMIT));
    if (odd !== undefined)
      throw new InputError(`seed ${odd}`, `is not a whole number from 0 to ${SEED_LIMIT - 1}`);
    const bytes = this.size ** 2 * this.channels;
    const images = new Uint8Array(seeds.length * bytes);
    for (const batch of placeInBatches(seeds, this.batchSize)) {
      const drawn = this.painter.paint(batch.seeds);
      for (const { place, position } of batch.wanted)
        images.set(drawn.subarray(place * bytes, (place + 1) * bytes), position * bytes);
    }
    return images;
  }

  /** Frees what drawing needs. */
  dispose(): void {
    this.painter.dispose();
  }
}
