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
   * @returns Whether there is any brain or vessel at the point.
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
    const i = ix + nx * iy + plane * iz;
    const a = packed[i] as number;
    const b = packed[i + 1] as number;
    const c = packed[i + nx] as number;
    const d = packed[i + nx + 1] as number;
    const e = packed[i + plane] as number;
    const f = packed[i + plane + 1] as number;
    const g = packed[i + plane + nx] as number;
    const h = packed[i + plane + nx + 1] as number;
    if ((a | b | c | d | e | f | g | h) === 0) return false;
    const wx = fx - ix;
    const wy = fy - iy;
    const wz = fz - iz;
    const ab = (1 - wy) * (1 - wz);
    const cd = wy * (1 - wz);
    const ef = (1 - wy) * wz;
    const gh = wy * wz;
    const wa = (ab - ab * wx) / 255;
    const wb = (ab * wx) / 255;
    const wc = (cd - cd * wx) / 255;
    const wd = (cd * wx) / 255;
    const we = (ef - ef * wx) / 255;
    const wf = (ef * wx) / 255;
    const wg = (gh - gh * wx) / 255;
    const wh = (gh * wx) / 255;
    this.csf =
      wa * (a & 255) + wb * (b & 255) + wc * (c & 255) + wd * (d & 255) +
      we * (e & 255) + wf * (f & 255) + wg * (g & 255) + wh * (h & 255);
    this.gm =
      wa * ((a >>> 8) & 255) + wb * ((b >>> 8) & 255) + wc * ((c >>> 8) & 255) + wd * ((d >>> 8) & 255) +
      we * ((e >>> 8) & 255) + wf * ((f >>> 8) & 255) + wg * ((g >>> 8) & 255) + wh * ((h >>> 8) & 255);
    this.wm =
      wa * ((a >>> 16) & 255) + wb * ((b >>> 16) & 255) + wc * ((c >>> 16) & 255) + wd * ((d >>> 16) & 255) +
      we * ((e >>> 16) & 255) + wf * ((f >>> 16) & 255) + wg * ((g >>> 16) & 255) + wh * ((h >>> 16) & 255);
    this.vessel =
      wa * (a >>> 24) + wb * (b >>> 24) + wc * (c >>> 24) + wd * (d >>> 24) +
      we * (e >>> 24) + wf * (f >>> 24) + wg * (g >>> 24) + wh * (h >>> 24);
    return true;
  }
}
