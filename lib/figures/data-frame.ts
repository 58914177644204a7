import type { DataFrame } from "danfojs-node";
import { isInterval, isSpread, type Table } from "./table";

/**
 * A table as a danfo.js data frame, for a reader's own cells. Missing values become NaN, an estimate with an
 * interval its estimate, a mean with its spread the mean. No number of the reports comes from here: danfo.js joins the keys of a grouping
 * with "-", gives 0 for the spread of one value, and quotes nothing in CSV.
 */
export async function toDataFrame(table: Table): Promise<DataFrame> {
  const { DataFrame: Frame } = await import("danfojs-node");
  const records = table.rows.map((row) =>
    row.map((cell) => {
      if (isInterval(cell)) return cell.estimate;
      return isSpread(cell) ? cell.mean : (cell ?? Number.NaN);
    }),
  );
  return new Frame(records, { columns: table.columns.map(({ label }) => label) });
}
