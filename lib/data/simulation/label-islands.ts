import type { VoxelBox } from "./frame";
import type { Label } from "./annotation";

/** Islands smaller than this are not drawn, mL: the enhancing part is drawn finest. */
const SMALLEST_ML: Readonly<Record<Exclude<Label, 0>, number>> = { 1: 0.06, 2: 0.15, 4: 0.03 };

/**
 * Removes small islands of each label, connected by faces: a rater gives them the label around them.
 *
 * @param labels Changed in place; the voxels of the box.
 */
export function removeIslands(labels: Uint8Array, { size, frame }: VoxelBox): void {
  const [nx, ny, nz] = size;
  const seen = new Uint8Array(labels.length);
  const stack: number[] = [];
  const island: number[] = [];
  /** Faces towards each label. */
  const around = new Uint32Array(5);
  const visit = (voxel: number, label: number): void => {
    const found = labels[voxel] as number;
    if (found !== label) around[found] = (around[found] as number) + 1;
    else if (seen[voxel] === 0) {
      seen[voxel] = 1;
      stack.push(voxel);
    }
  };
  const visitNeighbours = (voxel: number, label: number): void => {
    const x = voxel % nx;
    const y = Math.floor(voxel / nx) % ny;
    const z = Math.floor(voxel / (nx * ny));
    if (x > 0) visit(voxel - 1, label);
    if (x < nx - 1) visit(voxel + 1, label);
    if (y > 0) visit(voxel - nx, label);
    if (y < ny - 1) visit(voxel + nx, label);
    if (z > 0) visit(voxel - nx * ny, label);
    if (z < nz - 1) visit(voxel + nx * ny, label);
  };
  for (let start = 0; start < labels.length; start++) {
    const label = labels[start] as Label;
    if (label === 0 || seen[start] === 1) continue;
    island.length = 0;
    around.fill(0);
    visit(start, label);
    for (let voxel = stack.pop(); voxel !== undefined; voxel = stack.pop()) {
      island.push(voxel);
      visitNeighbours(voxel, label);
    }
    const ml = (island.length * frame.spacingMm ** 3) / 1000;
    if (ml < SMALLEST_ML[label]) {
      const replacement = around.indexOf(Math.max(...around));
      for (const voxel of island) labels[voxel] = replacement;
    }
  }
}
