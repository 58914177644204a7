import type { Anatomy } from "./anatomy";

/** Reads the tissues of the atlas between its voxels. The last result stands in four properties. */
export class AtlasSampler {
  /** The last result. Kept in an array: fields that hold fractions are made anew at each change, for each voxel. */
  private readonly last = new Float64Array(4);
  private readonly packed: Uint32Array;
  /** Origin, mm, then the largest place of a cell along each axis, in voxels. */
  private readonly bounds: Float64Array;
  private readonly perMm: number;
  /** Voxels from one row to the next, and from one plane to the next. */
  private readonly row: number;
  private readonly plane: number;

  constructor(anatomy: Anatomy) {
    const { originMm, spacingMm, dims } = anatomy.lattice;
    this.packed = anatomy.packed;
    this.bounds = Float64Array.from([...originMm, ...dims.map((n) => n - 1)]);
    this.perMm = 1 / spacingMm;
    this.row = dims[0];
    this.plane = dims[0] * dims[1];
  }

  /** Probabilities 0..1; all 0 outside the brain. */
  get csf(): number {
    return this.last[0] as number;
  }
  get gm(): number {
    return this.last[1] as number;
  }
  get wm(): number {
    return this.last[2] as number;
  }
  get vessel(): number {
    return this.last[3] as number;
  }

  /** Replaces the tissues of the last result by others. */
  replace(csf: number, gm: number, wm: number): void {
    const { last } = this;
    last[0] = csf;
    last[1] = gm;
    last[2] = wm;
  }

  /**
   * Trilinear interpolation at a point of the atlas, mm.
   *
   * @returns Whether there is any brain at the point.
   */
  sample(x: number, y: number, z: number): boolean {
    const { bounds, perMm, last } = this;
    last[0] = last[1] = last[2] = last[3] = 0;
    const fx = (x - (bounds[0] as number)) * perMm;
    const fy = (y - (bounds[1] as number)) * perMm;
    const fz = (z - (bounds[2] as number)) * perMm;
    const inside =
      fx >= 0 &&
      fy >= 0 &&
      fz >= 0 &&
      fx < (bounds[3] as number) &&
      fy < (bounds[4] as number) &&
      fz < (bounds[5] as number);
    return inside && this.mixCell(fx, fy, fz);
  }

  /** Mixes the eight voxels around a place, in voxels from the origin. */
  private mixCell(fx: number, fy: number, fz: number): boolean {
    const { packed, last, row: nx, plane } = this;
    const ix = fx | 0;
    const iy = fy | 0;
    const iz = fz | 0;
    const corner = ix + nx * iy + plane * iz;
    // Four pairs of neighbours along x, all read before any is used: the reads, not the sums, take the time.
    const a0 = packed[corner] as number;
    const b0 = packed[corner + 1] as number;
    const a1 = packed[corner + nx] as number;
    const b1 = packed[corner + nx + 1] as number;
    const a2 = packed[corner + plane] as number;
    const b2 = packed[corner + plane + 1] as number;
    const a3 = packed[corner + plane + nx] as number;
    const b3 = packed[corner + plane + nx + 1] as number;
    const any = a0 | b0 | a1 | b1 | a2 | b2 | a3 | b3;
    if (any === 0) return false;
    // Each pair has its share of the cell, divided between its two along x.
    const wx = fx - ix;
    const wy = fy - iy;
    const wz = fz - iz;
    const s0 = ((1 - wy) * (1 - wz)) / 255;
    const s1 = (wy * (1 - wz)) / 255;
    const s2 = ((1 - wy) * wz) / 255;
    const s3 = (wy * wz) / 255;
    const q0 = s0 * wx;
    const q1 = s1 * wx;
    const q2 = s2 * wx;
    const q3 = s3 * wx;
    const p0 = s0 - q0;
    const p1 = s1 - q1;
    const p2 = s2 - q2;
    const p3 = s3 - q3;
    const csf =
      p0 * (a0 & 255) +
      q0 * (b0 & 255) +
      (p1 * (a1 & 255) + q1 * (b1 & 255)) +
      (p2 * (a2 & 255) + q2 * (b2 & 255)) +
      (p3 * (a3 & 255) + q3 * (b3 & 255));
    const gm =
      p0 * ((a0 >>> 8) & 255) +
      q0 * ((b0 >>> 8) & 255) +
      (p1 * ((a1 >>> 8) & 255) + q1 * ((b1 >>> 8) & 255)) +
      (p2 * ((a2 >>> 8) & 255) + q2 * ((b2 >>> 8) & 255)) +
      (p3 * ((a3 >>> 8) & 255) + q3 * ((b3 >>> 8) & 255));
    const wm =
      p0 * ((a0 >>> 16) & 255) +
      q0 * ((b0 >>> 16) & 255) +
      (p1 * ((a1 >>> 16) & 255) + q1 * ((b1 >>> 16) & 255)) +
      (p2 * ((a2 >>> 16) & 255) + q2 * ((b2 >>> 16) & 255)) +
      (p3 * ((a3 >>> 16) & 255) + q3 * ((b3 >>> 16) & 255));
    this.replace(csf, gm, wm);
    // Few places have vessels.
    if (any >>> 24 !== 0)
      last[3] =
        p0 * (a0 >>> 24) +
        q0 * (b0 >>> 24) +
        (p1 * (a1 >>> 24) + q1 * (b1 >>> 24)) +
        (p2 * (a2 >>> 24) + q2 * (b2 >>> 24)) +
        (p3 * (a3 >>> 24) + q3 * (b3 >>> 24));
    return csf + gm + wm > 0;
  }
}
