import type { Lattice } from "./lattice";

/**
 * Distance from a level of a field, positive where the field is above it: a chamfer transform over 26 neighbours
 * (at most 8 % off the Euclidean distance), started from the level's place between nodes.
 *
 * @returns mm, one value a node; `farMm` everywhere (with its sign) where the level is not crossed.
 */
export function signedDistance(
  lattice: Lattice,
  field: Float32Array,
  level: number,
  farMm = 1000,
): Float32Array {
  const distance = new Float32Array(field.length).fill(farMm);
  startAtCrossings(lattice, field, level, distance);
  const steps = backwardNeighbours(lattice);
  const [nx, ny, nz] = lattice.dims;
  for (const direction of [1, -1]) {
    for (let k = 1; k < nx * ny * nz - 1; k++) {
      const i = direction === 1 ? k : nx * ny * nz - 1 - k;
      let best = distance[i] as number;
      for (const { offset, mm } of steps) {
        const j = i - direction * offset;
        if (j < 0 || j >= distance.length) continue;
        const through = (distance[j] as number) + mm;
        if (through < best) best = through;
      }
      distance[i] = best;
    }
  }
  for (let i = 0; i < field.length; i++)
    if ((field[i] as number) < level) distance[i] = -(distance[i] as number);
  return distance;
}

/** Sets the distance of nodes with a neighbour on the other side of the level, by linear interpolation. */
function startAtCrossings(
  lattice: Lattice,
  field: Float32Array,
  level: number,
  distance: Float32Array,
): void {
  const [nx, ny] = lattice.dims;
  for (const offset of [1, nx, nx * ny]) {
    for (let i = 0; i + offset < field.length; i++) {
      const a = (field[i] as number) - level;
      const b = (field[i + offset] as number) - level;
      if (a >= 0 === b >= 0) continue;
      const share = (lattice.spacingMm * Math.abs(a)) / Math.max(Math.abs(a - b), 1e-12);
      distance[i] = Math.min(distance[i] as number, share);
      distance[i + offset] = Math.min(distance[i + offset] as number, lattice.spacingMm - share);
    }
  }
}

/** The 13 neighbours that come before a node in the array; a row's end meets the next row's start, far away. */
function backwardNeighbours({ dims, spacingMm }: Lattice): readonly { offset: number; mm: number }[] {
  const neighbours: { offset: number; mm: number }[] = [];
  for (const dz of [-1, 0, 1])
    for (const dy of [-1, 0, 1])
      for (const dx of [-1, 0, 1]) {
        const offset = dx + dims[0] * (dy + dims[1] * dz);
        if (offset < 0) neighbours.push({ offset: -offset, mm: spacingMm * Math.hypot(dx, dy, dz) });
      }
  return neighbours;
}
