import { InputError } from "../../errors";
import type { GeneratorName } from "../../generators/generator-config";
import {
  generatorName,
  segmentationName,
  type GeneratorCell,
  type SegmentationCell,
  type Segmenter,
} from "./cells";

/** Which cells are meant; what is left out does not narrow. */
export interface CellFilter {
  readonly generators?: readonly GeneratorName[];
  readonly segmenters?: readonly Segmenter[];
  readonly seeds?: readonly number[];
  /** Names of cells; `*` stands for any characters. */
  readonly only?: readonly string[];
}

/** The trainings of generators that a filter lets through. */
export function selectGenerators(
  cells: readonly GeneratorCell[],
  { generators, segmenters, seeds, only }: CellFilter,
): readonly GeneratorCell[] {
  // Who asks for a segmentation network gets the generators that it needs, and no others.
  if (segmenters !== undefined && generators === undefined) return [];
  return cells.filter(
    (cell) =>
      (generators?.includes(cell.generator) ?? true) &&
      (seeds?.includes(cell.seed) ?? true) &&
      matches(generatorName(cell), only),
  );
}

/** The trainings of segmentation networks that a filter lets through. */
export function selectSegmentation(
  cells: readonly SegmentationCell[],
  { generators, segmenters, seeds, only }: CellFilter,
): readonly SegmentationCell[] {
  return cells.filter(
    (cell) =>
      (generators === undefined || (cell.generator !== null && generators.includes(cell.generator))) &&
      (segmenters?.includes(cell.segmenter) ?? true) &&
      (seeds?.includes(cell.seed) ?? true) &&
      matches(segmentationName(cell), only),
  );
}

function matches(name: string, patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => patternOf(pattern).test(name)) ?? true;
}

function patternOf(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** @throws InputError if nothing of a run is left: a name was mistyped more likely than meant. */
export function checkSelected(generators: readonly unknown[], segmentation: readonly unknown[]): void {
  if (generators.length + segmentation.length === 0)
    throw new InputError("the filters", "let no training through", "See the names in synthmr study plan");
}
