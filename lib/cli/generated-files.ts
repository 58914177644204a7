import { join } from "node:path";
import type { PngOrientation } from "../data/grey-png";
import { writePngSlice } from "../data/png-slices";
import type { ShardedSlices } from "../data/sharded-slices";
import { montageFigure } from "../figures/montage-figure";
import { SOURCE_LABEL } from "../figures/palette";
import type { GeneratorName } from "../generators/generator-config";
import { writeFileAtomic } from "../storage/atomic-write";

/** Images on a sheet. */
const SHEET_IMAGES = 8;

/** Slices that are brought into the memory at a time. */
const AT_ONCE = 256;

/** Writes the first images as a figure, `sheet.png`. */
export async function writeGeneratedSheet(
  folder: string,
  slices: ShardedSlices,
  generator: GeneratorName,
): Promise<void> {
  const indices = Array.from({ length: Math.min(SHEET_IMAGES, slices.count) }, (_, n) => n);
  const trainedOn = slices.simulated ? "simulated" : "real";
  const figure = montageFigure({
    id: "sheet",
    rows: [
      {
        label: `${SOURCE_LABEL[generator]} (${trainedOn} cohort)`,
        source: generator,
        set: slices.load(indices),
        indices,
      },
    ],
    note: slices.source,
  });
  writeFileAtomic(join(folder, "sheet.png"), await figure.png());
}

/** Writes each image as PNGs in the study's layout, `T1/seed000007_T1.png` and so on. */
export function writeGeneratedPngs(folder: string, slices: ShardedSlices, orientation: PngOrientation): void {
  for (let first = 0; first < slices.count; first += AT_ONCE) {
    const length = Math.min(AT_ONCE, slices.count - first);
    const set = slices.load(Array.from({ length }, (_, i) => first + i));
    for (let n = 0; n < length; n++)
      writePngSlice(folder, set.subjects[set.subjectOf[n] ?? 0] ?? "", set, n, orientation);
  }
}
