import { generatorName, type GeneratorCell } from "../grid/cells";
import type { StudyResults } from "./study-results";

/** How far the images seen by two trainings may lie apart for them to be compared by what else differs. */
export const BUDGET_TOLERANCE = 0.1;

/** Images that a generator has seen in training; undefined where the run has no record of it. */
export function imagesSeenBy({ generators }: StudyResults, of: GeneratorCell): number | undefined {
  return generators.find(({ cell }) => generatorName(cell) === generatorName(of))?.imagesSeen;
}

/** Whether trainings saw about as many images; what is not known is taken to be alike. */
export function sameBudget(imagesSeen: readonly (number | undefined)[]): boolean {
  const known = imagesSeen.filter((count) => count !== undefined);
  return known.length === 0 || Math.max(...known) <= (1 + BUDGET_TOLERANCE) * Math.min(...known);
}
