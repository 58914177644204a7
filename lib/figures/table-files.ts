import { join } from "node:path";
import { writeFileAtomic } from "../storage/atomic-write";
import type { Table } from "./table";

/**
 * Writes a table as `table-<id>.html`, `.csv` and `.tex`.
 *
 * @returns The paths of the files.
 * @throws InputError if the folder cannot be written.
 */
export function writeTable(table: Table, folder: string): readonly string[] {
  const write = (ending: string, text: string): string => {
    const path = join(folder, `table-${table.id}.${ending}`);
    writeFileAtomic(path, text);
    return path;
  };
  return [write("html", table.toHtml()), write("csv", table.toCsv()), write("tex", table.toLatex())];
}
