import type { Anatomy } from "./anatomy";

/** Reads the tissues of the atlas between its voxels. The last result stands in the four fields. */
export class AtlasSampler {
  /** Probabilities 0..1; all 0 outside the brain. */
  csf = 0;
  gm = 0;
  wm = 0;
  vessel = 0;

  private readonly packed: Uint32Array;
  private readonly origin: readonly [number, number, number];
  private readonly dims: readonly [number, number, number];
  private readonly perMm: number;

  constructor(anatomy: Anatomy) {
    this.packed = anatomy.packed;
    this.origin = anatomy.lattice.originMm;
    this.dims = anatomy.lattice.dims;
    this.perMm = 1 / anatomy.lattice.spacingMm;
  }

  /**
   * Trilinear interpolation at a point of the atlas, mm.
   *
   * @returns Whether there is any brain at the point.
   */
  sample(x: number, y: number, z: number): boolean {
    const { packed, origin, dims, perMm } = this;
    this.csf = this.gm = this.wm = this.vessel = 0;
    const fx = (x - origin[0]) * perMm;
    const fy = (y - origin[1]) * perMm;
    const fz = (z - origin[2]) * perMm;
    const nx = dims[0];
    const plane = nx * dims[1];
    if (!(fx >= 0 && fy >= 0 && fz >= 0 && fx < nx - 1 && fy < dims[1] - 1 && fz < dims[2] - 1)) return false;
    const ix = fx | 0;
    const iy = fy | 0;
    const iz = fz | 0;
    const wx = fx - ix;
    const wy = fy - iy;
    const wz = fz - iz;
    let corner = ix + nx * iy + plane * iz;
    let [csf, gm, wm, vessel] = [0, 0, 0, 0];
    // Four pairs of neighbours along x, each with its share of the cell.
    for (let pair = 0; pair < 4; pair++) {
      const a = packed[corner] as number;
      const b = packed[corner + 1] as number;
      corner += pair === 1 ? plane - nx : nx;
      if ((a | b) === 0) continue;
      const share = (((pair & 1) === 0 ? 1 - wy : wy) * (pair < 2 ? 1 - wz : wz)) / 255;
      const wb = share * wx;
      const wa = share - wb;
      csf += wa * (a & 255) + wb * (b & 255);
      gm += wa * ((a >>> 8) & 255) + wb * ((b >>> 8) & 255);
      wm += wa * ((a >>> 16) & 255) + wb * ((b >>> 16) & 255);
      vessel += wa * (a >>> 24) + wb * (b >>> 24);
    }
    this.csf = csf;
    this.gm = gm;
    this.wm = wm;
    this.vessel = vessel;
    return csf + gm + wm > 0;
  }
}
