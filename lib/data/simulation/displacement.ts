import { sampleField, type Lattice } from "./lattice";

/** A map of space: the node at p goes to p + (x, y, z), mm; one value a node each. */
export interface Displacement {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/** Reads a displacement between its nodes; the last result stands in three properties, mm. */
export class DisplacementReader {
  /** Kept in an array: fields that hold fractions are made anew at each change. */
  private readonly last = new Float64Array(3);
  private readonly originX: number;
  private readonly originY: number;
  private readonly originZ: number;
  private readonly spacingMm: number;
  /** Largest place along each axis, in nodes. */
  private readonly farX: number;
  private readonly farY: number;
  private readonly farZ: number;
  /** Nodes from one row to the next, and from one plane to the next. */
  private readonly nx: number;
  private readonly plane: number;

  constructor(
    { originMm, spacingMm, dims }: Lattice,
    private readonly displacement: Displacement,
  ) {
    [this.originX, this.originY, this.originZ] = originMm;
    this.spacingMm = spacingMm;
    this.farX = dims[0] - 1.001;
    this.farY = dims[1] - 1.001;
    this.farZ = dims[2] - 1.001;
    this.nx = dims[0];
    this.plane = dims[0] * dims[1];
  }

  get dx(): number {
    return this.last[0] as number;
  }
  get dy(): number {
    return this.last[1] as number;
  }
  get dz(): number {
    return this.last[2] as number;
  }

  /** Trilinear interpolation at a point, mm; beyond the lattice its outermost values hold. */
  at(px: number, py: number, pz: number): void {
    const { last, originX, originY, originZ, spacingMm, farX, farY, farZ, nx, plane } = this;
    const { x, y, z } = this.displacement;
    const fx = Math.min(Math.max((px - originX) / spacingMm, 0), farX);
    const fy = Math.min(Math.max((py - originY) / spacingMm, 0), farY);
    const fz = Math.min(Math.max((pz - originZ) / spacingMm, 0), farZ);
    const ix = fx | 0;
    const iy = fy | 0;
    const iz = fz | 0;
    const wx = fx - ix;
    const wy = fy - iy;
    const wz = fz - iz;
    const i = ix + nx * iy + plane * iz;
    // Four pairs of neighbours along x, each with its share of the cell.
    const s0 = (1 - wy) * (1 - wz);
    const s1 = wy * (1 - wz);
    const s2 = (1 - wy) * wz;
    const s3 = wy * wz;
    last[0] = mixCell(x, i, nx, plane, wx, s0, s1, s2, s3);
    last[1] = mixCell(y, i, nx, plane, wx, s0, s1, s2, s3);
    last[2] = mixCell(z, i, nx, plane, wx, s0, s1, s2, s3);
  }
}

/** A field in the cell whose first node is i: four pairs of neighbours along x, each with its share. */
function mixCell(
  field: Float32Array,
  i: number,
  nx: number,
  plane: number,
  wx: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): number {
  const a0 = field[i] as number;
  const a1 = field[i + nx] as number;
  const a2 = field[i + plane] as number;
  const a3 = field[i + plane + nx] as number;
  return (
    s0 * (a0 + wx * ((field[i + 1] as number) - a0)) +
    s1 * (a1 + wx * ((field[i + nx + 1] as number) - a1)) +
    s2 * (a2 + wx * ((field[i + plane + 1] as number) - a2)) +
    s3 * (a3 + wx * ((field[i + plane + nx + 1] as number) - a3))
  );
}

/**
 * A field as a deformed head has it.
 *
 * @param from Lattice of the field.
 * @param warp Where the tissue of each node of `lattice` is found in the field.
 * @returns One value a node of `lattice`.
 */
export function fieldInHead(
  from: Lattice,
  field: Float32Array,
  lattice: Lattice,
  { x, y, z }: Displacement,
): Float32Array {
  const { originMm, spacingMm, dims } = lattice;
  const [x0, y0, z0] = originMm;
  const values = new Float32Array(x.length);
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++)
        values[i] = sampleField(
          from,
          field,
          x0 + a * spacingMm + (x[i] as number),
          y0 + b * spacingMm + (y[i] as number),
          z0 + c * spacingMm + (z[i] as number),
        );
  return values;
}
