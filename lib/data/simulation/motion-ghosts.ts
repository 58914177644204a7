import type { Rng } from "../../backend/rng";
import type { VoxelBox } from "./frame";
import type { RowExtents } from "./row-extents";

/**
 * Patients who moved: share of scans with artefacts that a reader sees and strength of the ghosts as a share of the
 * signal. Motion was significant in 7.5 % of examinations of outpatients and 29 % of inpatients (Andre et al. 2015, J Am Coll Radiol
 * 12(7)); with this share a fifth of our subjects have such a scan among their four.
 */
export const MOTION = { share: 0.06, weakest: 0.04, strongest: 0.16 } as const;

/**
 * Ghosts and ringing along the phase-encoding axis (x, left to right, as is usual in axial scans): the image is
 * added to itself at a distance and twice that distance, with a sign that changes from slice to slice.
 *
 * @param image One value a voxel, 0 outside the brain; overwritten in the scans of those who moved.
 * @see Zaitsev, Maclaren, Herbst 2015, JMRI 42(4), for how motion between lines of k-space makes ghosts.
 */
export function addMotionGhosts(
  rng: Rng,
  { size: [nx, ny, nz] }: VoxelBox,
  { first, last }: RowExtents,
  image: Float32Array,
): void {
  const draw = rng.stream();
  if (draw.uniform() >= MOTION.share) return;
  const strength = draw.uniform(MOTION.weakest, MOTION.strongest);
  const distance = Math.round(draw.uniform(0.03, 0.2) * nx);
  const turn = draw.uniform(0.5, 2);
  const padded = new Float32Array(nx + 4 * distance);
  for (let z = 0; z < nz; z++) {
    const near = strength * Math.cos(turn * z);
    const far = -0.5 * strength * Math.cos(turn * z + 1);
    for (let row = ny * z; row < ny * (z + 1); row++) {
      padded.set(image.subarray(nx * row, nx * (row + 1)), 2 * distance);
      for (let x = first[row] as number; x <= (last[row] as number); x++) {
        const k = x + 2 * distance;
        const ghost =
          near * ((padded[k - distance] as number) - (padded[k + distance] as number)) +
          far * ((padded[k - 2 * distance] as number) - (padded[k + 2 * distance] as number));
        image[nx * row + x] = Math.abs((padded[k] as number) + ghost);
      }
    }
  }
}
