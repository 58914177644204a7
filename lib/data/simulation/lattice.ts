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
 * Reads a coarse field at every point of a row along x: a few interpolations a node, then one addition a point,
 * which is what makes fields on coarse lattices nearly free at full resolution. Rows of the same field and y, in the
 * order of z, share most of the interpolations.
 */
export class RowReader {
  /** The field interpolated to the last row's y, in the lattice's planes below and above the row. */
  private below: Float64Array;
  private above: Float64Array;
  /** What `below` and `above` hold. */
  private held: { readonly field: Float32Array; readonly y: number; readonly plane: number } | undefined;
  /** For each cell between two nodes, the first point in it; one more entry for the end. */
  private readonly starts: Int32Array;
  /** Way from the first node of each cell to the first point in it, mm. */
  private readonly offsets: Float64Array;
  /** The cell of each point; -1 before the lattice, the number of cells beyond it. */
  private readonly cellOf: Int32Array;
  private readonly stepMm: number;

  /** @param row The points' x; points beyond the lattice take its outermost values. */
  constructor(
    private readonly lattice: Lattice,
    row: RowGeometry,
  ) {
    const { originMm, spacingMm, dims } = lattice;
    this.below = new Float64Array(dims[0]);
    this.above = new Float64Array(dims[0]);
    this.starts = Int32Array.from(this.below, (_, node) => {
      const first = Math.ceil((originMm[0] + node * spacingMm - row.startMm) / row.stepMm);
      return Math.min(row.count, Math.max(0, first));
    });
    this.offsets = Float64Array.from(
      this.starts,
      (first, cell) => row.startMm + first * row.stepMm - originMm[0] - cell * spacingMm,
    );
    this.cellOf = new Int32Array(row.count).fill(-1);
    this.starts.forEach((first, cell) => this.cellOf.fill(cell, first));
    this.stepMm = row.stepMm;
  }

  /**
   * Fills `out` with the field along the row at (y, z), mm; `out` has one place a point.
   *
   * @param from First and @param to last place that is wanted; others may be left as they are.
   */
  read(field: Float32Array, y: number, z: number, out: Float32Array, from = 0, to = out.length - 1): void {
    const { originMm, spacingMm, dims } = this.lattice;
    const fz = Math.min(Math.max((z - originMm[2]) / spacingMm, 0), dims[2] - 1.001);
    const plane = fz | 0;
    const wz = fz - plane;
    this.hold(field, y, plane);
    const { below, above, starts, offsets, cellOf, stepMm } = this;
    const cells = dims[0] - 1;
    const begin = cellOf[from] as number;
    const end = cellOf[to] as number;
    const first = begin < 0 ? 0 : begin;
    const last = end < cells ? end : cells - 1;
    let left = (below[first] as number) + ((above[first] as number) - (below[first] as number)) * wz;
    if (begin < 0) out.fill(left, 0, starts[0]);
    // A cell is filled as a whole: its values are sums from its first point on.
    for (let cell = first; cell <= last; cell++) {
      const low = below[cell + 1] as number;
      const right = low + ((above[cell + 1] as number) - low) * wz;
      const slope = (right - left) / spacingMm;
      const step = slope * stepMm;
      const stop = starts[cell + 1] as number;
      let value = left + slope * (offsets[cell] as number);
      for (let i = starts[cell] as number; i < stop; i++) {
        out[i] = value;
        value += step;
      }
      left = right;
    }
    if (end === cells) out.fill(left, starts[cells]);
  }

  /** Makes `below` and `above` hold the field at y in two planes of the lattice. */
  private hold(field: Float32Array, y: number, plane: number): void {
    const { held } = this;
    const known = held !== undefined && held.field === field && held.y === y;
    if (known && held.plane === plane) return;
    if (known && held.plane === plane - 1) [this.below, this.above] = [this.above, this.below];
    else this.interpolate(field, y, plane, this.below);
    this.interpolate(field, y, plane + 1, this.above);
    this.held = { field, y, plane };
  }

  /** Interpolates the nodes of one plane to y. */
  private interpolate(field: Float32Array, y: number, plane: number, line: Float64Array): void {
    const { originMm, spacingMm, dims } = this.lattice;
    const [nx, ny] = dims;
    const fy = Math.min(Math.max((y - originMm[1]) / spacingMm, 0), ny - 1.001);
    const wy = fy - Math.floor(fy);
    const base = nx * (Math.floor(fy) + ny * plane);
    for (let i = 0; i < nx; i++) {
      const value = field[base + i] as number;
      line[i] = value + ((field[base + nx + i] as number) - value) * wy;
    }
  }
}
