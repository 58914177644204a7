import type { AuditVolumes } from "../../../lib/data/audit/audit-volumes";

/**
 * A subject that can be counted by hand: 8 x 8 x 4 voxels of 1 mm, the brain the inner 6 x 6 of each slice,
 * one voxel of core, two of edema and three of enhancing tumour on slice 1. Every sequence is 100 in the brain,
 * 50, 150 and 200 in the three classes.
 */
export function countableVolumes(): AuditVolumes {
  const shape = [8, 8, 4] as const;
  const brain = new Uint8Array(8 * 8 * 4);
  const classes = new Uint8Array(brain.length);
  for (let z = 0; z < 4; z++)
    for (let y = 1; y < 7; y++) for (let x = 1; x < 7; x++) brain[x + 8 * (y + 8 * z)] = 1;
  [1, 2, 2, 3, 3, 3].forEach((index, i) => (classes[1 + i + 8 * (2 + 8)] = index));
  const values = Float32Array.from(
    brain,
    (inside, i) => inside * ([100, 50, 150, 200][classes[i] ?? 0] ?? 0),
  );
  return {
    id: "A",
    shape,
    voxelMm3: 1,
    pixelMm: 1,
    raw: true,
    brain,
    classes,
    sequences: { t1w: values, t1wGd: values, t2w: values, flair: values },
  };
}
