import { Rng } from "../../lib/backend/rng";
import { GREY_OF_CLASS } from "../../lib/data/mask-code";
import type { SliceSet } from "../../lib/data/slice-set";
import { SEQUENCES, SLICE_CHANNELS } from "../../lib/shape";

/**
 * Slices that a small network learns in seconds: a bright disc of each tumour class at a random place on a
 * grey square, each class brightest in a sequence of its own.
 */
export function toySlices(count: number, size: number, seed: number): SliceSet {
  const stream = Rng.fromSeed(seed).stream();
  const images = new Uint8Array(count * size * size * SLICE_CHANNELS);
  for (let n = 0; n < count; n++) {
    const discs = [1, 2, 3].map((label) => ({
      label,
      row: stream.uniform(0.25, 0.75) * size,
      column: stream.uniform(0.25, 0.75) * size,
      radius: stream.uniform(0.14, 0.22) * size,
    }));
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const inside = Math.min(row, column, size - 1 - row, size - 1 - column) >= 1;
        const disc = discs.find((d) => (row - d.row) ** 2 + (column - d.column) ** 2 < d.radius ** 2);
        const label = inside ? (disc?.label ?? 0) : 0;
        const pixel = ((n * size + row) * size + column) * SLICE_CHANNELS;
        for (let channel = 0; channel < SEQUENCES.length; channel++) {
          const bright = label === channel + 1 ? 110 : 0;
          images[pixel + channel] = inside ? 80 + bright + Math.round(stream.normal(0, 5)) : 0;
        }
        images[pixel + SEQUENCES.length] = GREY_OF_CLASS[label] ?? 0;
      }
  }
  const subjectOf = Int32Array.from({ length: count }, (_, n) => n % 2);
  return {
    size,
    count,
    images,
    subjects: ["toy-a", "toy-b"],
    subjectOf,
    z: Int32Array.from({ length: count }, (_, n) => n + 1),
    simulated: true,
    source: "toy slices",
  };
}
