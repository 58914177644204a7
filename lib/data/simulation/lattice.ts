/** A point or a displacement in mm of the BraTS frame: x to the patient's left, y to the back, z upwards. */
export type Vector = readonly [number, number, number];

/** Evenly spaced nodes on which a field is known; a field is one Float32Array over them, x fastest. */
export interface Lattice {
  /** Position of the first node, mm. */
  readonly originMm: Vector;
  readonly spacingMm: number;
  /** Nodes along x, y and z. */
  readonly dims: Vector;
}

/** Number of nodes. */
export function nodeCount({ dims }: Lattice): number {
  return dims[0] * dims[1] * dims[2];
}

/** The lattice of the given spacing whose nodes enclose the box from `low` to `high`. */
export function latticeOver(low: Vector, high: Vector, spacingMm: number): Lattice {
  const along = (axis: 0 | 1 | 2): number => Math.ceil((high[axis] - low[axis]) / spacingMm) + 1;
  return { originMm: low, spacingMm, dims: [along(0), along(1), along(2)] };
}

/** Position of a node given by its place in the array, mm. */
export function nodePosition({ originMm, spacingMm, dims }: Lattice, node: number): Vector {
  const x = node % dims[0];
  const y = Math.floor(node / dims[0]) % dims[1];
  const z = Math.floor(node / (dims[0] * dims[1]));
  return [originMm[0] + x * spacingMm, originMm[1] + y * spacingMm, originMm[2] + z * spacingMm];
}

/**
 * The value of a field at a point by trilinear interpolation.
 *
 * @param field One value a node. Beyond the lattice its outermost values hold.
 */
export function sampleField(lattice: Lattice, field: Float32Array, x: number, y: number, z: number): number {
  const { originMm, spacingMm, dims } = lattice;
  const [nx, ny, nz] = dims;
  const fx = Math.min(Math.max((x - originMm[0]) / spacingMm, 0), nx - 1.001);
  const fy = Math.min(Math.max((y - originMm[1]) / spacingMm, 0), ny - 1.001);
  const fz = Math.min(Math.max((z - originMm[2]) / spacingMm, 0), nz - 1.001);
  const ix = fx | 0;
  const iy = fy | 0;
  const iz = fz | 0;
  const wx = fx - ix;
  const wy = fy - iy;
  const i = ix + nx * (iy + ny * iz);
  const j = i + nx * ny;
  const low = lerp2(field, i, nx, wx, wy);
  return low + (lerp2(field, j, nx, wx, wy) - low) * (fz - iz);
}

function lerp2(field: Float32Array, i: number, nx: number, wx: number, wy: number): number {
  const a = field[i] as number;
  const b = field[i + nx] as number;
  const near = a + ((field[i + 1] as number) - a) * wx;
  return near + (b + ((field[i + nx + 1] as number) - b) * wx - near) * wy;
}

/** Equally spaced points of one row along x. */
export interface RowGeometry {
  readonly startMm: number;
  readonly stepMm: number;
  readonly count: number;
}

/**
 * Reads a coarse field at every point of a row along x: two interpolations a node, then one addition a point,
 * which is what makes fields on coarse lattices nearly free at full resolution.
 */
export class RowReader {
  private readonly nodes: Float64Array;
  /** For each cell between two nodes, the first point in it; one more entry for the end. */
  private readonly starts: Int32Array;

  /** @param row The points' x; points beyond the lattice take its outermost values. */
  constructor(
    private readonly lattice: Lattice,
    private readonly row: RowGeometry,
  ) {
    const [nx] = lattice.dims;
    this.nodes = new Float64Array(nx);
    this.starts = Int32Array.from({ length: nx }, (_, node) => {
      const first = Math.ceil((lattice.originMm[0] + node * lattice.spacingMm - row.startMm) / row.stepMm);
      return Math.min(row.count, Math.max(0, first));
    });
  }

  /**
   * Fills `out` with the field along the row at (y, z), mm; `out` has one place a point.
   *
   * @param from First and @param to last place that is wanted; the cells of others may be left as they are.
   */
  read(field: Float32Array, y: number, z: number, out: Float32Array, from = 0, to = out.length - 1): void {
    this.readNodes(field, y, z);
    const { nodes, starts, row, lattice } = this;
    const cells = nodes.length - 1;
    out.fill(nodes[0] as number, 0, starts[0]);
    for (let cell = 0; cell < cells; cell++) {
      const first = starts[cell] as number;
      const end = starts[cell + 1] as number;
      // A cell is filled as a whole: its values are sums from its first point on.
      if (first === end || end <= from || first > to) continue;
      const slope = ((nodes[cell + 1] as number) - (nodes[cell] as number)) / lattice.spacingMm;
      const offset = row.startMm + first * row.stepMm - lattice.originMm[0] - cell * lattice.spacingMm;
      let value = (nodes[cell] as number) + slope * offset;
      for (let i = first; i < end; i++) {
        out[i] = value;
        value += slope * row.stepMm;
      }
    }
    out.fill(nodes[cells] as number, starts[cells]);
  }

  private readNodes(field: Float32Array, y: number, z: number): void {
    const { originMm, spacingMm, dims } = this.lattice;
    const [nx, ny, nz] = dims;
    const fy = Math.min(Math.max((y - originMm[1]) / spacingMm, 0), ny - 1.001);
    const fz = Math.min(Math.max((z - originMm[2]) / spacingMm, 0), nz - 1.001);
    const wy = fy - Math.floor(fy);
    const wz = fz - Math.floor(fz);
    const base = nx * (Math.floor(fy) + ny * Math.floor(fz));
    const { nodes } = this;
    for (let i = 0; i < nx; i++) {
      const a = base + i;
      const b = a + nx * ny;
      const near = (field[a] as number) + ((field[a + nx] as number) - (field[a] as number)) * wy;
      const far = (field[b] as number) + ((field[b + nx] as number) - (field[b] as number)) * wy;
      nodes[i] = near + (far - near) * wz;
    }
  }
}
