import { rowGeometry, type VoxelBox } from "./frame";
import { RowReader, type Lattice } from "./lattice";

/** Rows of several fields of one lattice, read together. */
export class RowSet {
  /** One row of values a field, in the order of the fields. */
  readonly rows: readonly Float32Array[];
  /** First and last place in a row that the lattice covers. */
  readonly reach: readonly [number, number];
  private readonly readers: readonly RowReader[];

  constructor(
    private readonly lattice: Lattice,
    private readonly fields: readonly Float32Array[],
    box: VoxelBox,
  ) {
    const row = rowGeometry(box);
    this.readers = fields.map(() => new RowReader(lattice, row));
    this.rows = fields.map(() => new Float32Array(row.count));
    const { originMm, spacingMm, dims } = lattice;
    this.reach = [
      Math.ceil((originMm[0] - row.startMm) / row.stepMm),
      Math.floor((originMm[0] + (dims[0] - 1) * spacingMm - row.startMm) / row.stepMm),
    ];
  }

  /** Whether the lattice reaches the row at (y, z), mm. */
  covers(y: number, z: number): boolean {
    const { originMm, spacingMm, dims } = this.lattice;
    const v = (y - originMm[1]) / spacingMm;
    const w = (z - originMm[2]) / spacingMm;
    return v >= 0 && w >= 0 && v <= dims[1] - 1 && w <= dims[2] - 1;
  }

  /** Fills the rows at (y, z), mm, at least from one place to another; fastest from one z to the next. */
  read(y: number, z: number, from?: number, to?: number): void {
    for (let k = 0; k < this.fields.length; k++)
      this.readers[k]?.read(this.fields[k] as Float32Array, y, z, this.rows[k] as Float32Array, from, to);
  }
}
