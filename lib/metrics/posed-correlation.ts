import { bestMatches, type BestMatches } from "./correlation";
import type { Extent, ImageRows } from "./image-rows";

/** How an image is moved before it is compared. */
export interface Pose {
  /** Pixels to the right and down; what comes in from outside is black. */
  readonly dx: number;
  readonly dy: number;
  /** Left and right exchanged, before the shift. */
  readonly flipped: boolean;
}

/** Best matches over all poses. */
export interface PosedMatches extends BestMatches {
  /** The pose of each query that matched best, [N]; undefined where there is no match. */
  readonly pose: readonly (Pose | undefined)[];
}

/** Every shift of up to `reach` pixels along each axis, the image as it is and flipped; unmoved first. */
export function poses(reach: number): readonly Pose[] {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach).sort(
    (a, b) => Math.abs(a) - Math.abs(b) || a - b,
  );
  return [false, true].flatMap((flipped) => steps.flatMap((dy) => steps.map((dx) => ({ dx, dy, flipped }))));
}

/**
 * As `bestMatches`, over shifts and flips of the queries: a copy that is moved by a few pixels or mirrored, as
 * augmentation would do, is found as well. Costs as many comparisons as there are poses.
 *
 * @param width Pixels of a row of an image.
 * @throws RangeError if rows of that width do not fill the images.
 */
export function bestPosedMatches(
  queries: ImageRows,
  references: ImageRows,
  extent: Extent,
  width: number,
  tried: readonly Pose[],
): PosedMatches {
  if (queries.length % width !== 0)
    throw new RangeError(`${queries.length} pixels do not make rows of ${width}`);
  const index = new Int32Array(queries.count).fill(-1);
  const r = new Float64Array(queries.count).fill(Number.NaN);
  const pose = new Array<Pose | undefined>(queries.count).fill(undefined);
  for (const moved of tried) {
    const found = bestMatches(posed(queries, width, moved), references, extent);
    for (let i = 0; i < queries.count; i++) {
      const value = found.r[i] as number;
      if (Number.isNaN(value) || value <= (r[i] as number)) continue;
      [r[i], index[i], pose[i]] = [value, found.index[i] as number, moved];
    }
  }
  return { index, r, pose };
}

/** The same images in another pose. */
export function posed(rows: ImageRows, width: number, { dx, dy, flipped }: Pose): ImageRows {
  const { count, length } = rows;
  const height = length / width;
  const image = new Float32Array(length);
  return {
    count,
    length,
    copy: (index, target, offset) => {
      rows.copy(index, image, 0);
      target.fill(0, offset, offset + length);
      for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++)
        for (let x = Math.max(0, dx); x < Math.min(width, width + dx); x++) {
          const column = flipped ? width - 1 - (x - dx) : x - dx;
          target[offset + y * width + x] = image[(y - dy) * width + column] as number;
        }
    },
  };
}
