/** A full batch to be drawn, and what of it was asked for. */
export interface PlacedBatch {
  /** The seed drawn at each place. */
  readonly seeds: readonly number[];
  /** Which place holds an image that was asked for, and its position among those. */
  readonly wanted: readonly { readonly place: number; readonly position: number }[];
}

/**
 * Sorts seeds into full batches in which every image stands at a place of its own, the rest of its seed divided by
 * the batch size. Kernels may round a row of a batch by its place and by the size of the batch; so each image is
 * computed in the same way whoever asks for it. Places left over draw what is not kept. Seeds in a row fill their
 * batches.
 */
export function placeInBatches(seeds: readonly number[], batchSize: number): PlacedBatch[] {
  const batches: { seeds: number[]; wanted: { place: number; position: number }[] }[] = [];
  const filled = new Array<number>(batchSize).fill(0); // batches in which each place is taken
  seeds.forEach((seed, position) => {
    const place = seed % batchSize;
    const index = filled[place] as number;
    filled[place] = index + 1;
    const batch = (batches[index] ??= { seeds: Array.from({ length: batchSize }, (_, i) => i), wanted: [] });
    batch.seeds[place] = seed;
    batch.wanted.push({ place, position });
  });
  return batches;
}
