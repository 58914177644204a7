import type { Vector } from "./lattice";

/**
 * Removes small islands of the annotation, all labels taken together: a rater does not draw them.
 *
 * @param labels Changed in place; [X, Y, Z], x fastest.
 * @param smallest Voxels, connected by faces, that an island needs to stay.
 */
export function removeIslands(labels: Uint8Array, [nx, ny, nz]: Vector, smallest: number): void {
  const seen = new Uint8Array(labels.length);
  const stack: number[] = [];
  const island: number[] = [];
  const visit = (voxel: number): void => {
    if (labels[voxel] === 0 || seen[voxel] === 1) return;
    seen[voxel] = 1;
    stack.push(voxel);
  };
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] === 0 || seen[start] === 1) continue;
    island.length = 0;
    visit(start);
    for (let voxel = stack.pop(); voxel !== undefined; voxel = stack.pop()) {
      island.push(voxel);
      const x = voxel % nx;
      const y = Math.floor(voxel / nx) % ny;
      const z = Math.floor(voxel / (nx * ny));
      if (x > 0) visit(voxel - 1);
      if (x < nx - 1) visit(voxel + 1);
      if (y > 0) visit(voxel - nx);
      if (y < ny - 1) visit(voxel + nx);
      if (z > 0) visit(voxel - nx * ny);
      if (z < nz - 1) visit(voxel + nx * ny);
    }
    if (island.length < smallest) for (const voxel of island) labels[voxel] = 0;
  }
}
