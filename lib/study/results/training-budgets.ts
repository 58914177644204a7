import { generatorName, type GeneratorCell } from "../grid/cells";
import type { Profile } from "../profile";
import type { StudyResults } from "./study-results";

/** How far the images seen by two trainings may lie apart for them to be compared by what else differs. */
export const BUDGET_TOLERANCE = 0.1;

/** Images that a generator has seen in training; undefined where the run has no record of it. */
export function imagesSeenBy({ generators }: StudyResults, of: GeneratorCell): number | undefined {
  return generators.find(({ cell }) => generatorName(cell) === generatorName(of))?.imagesSeen;
}

/** How trainings on different numbers of subjects were made alike. */
export type LikeBudget = Profile["fewerSubjects"];

/**
 * What trainings of a generator have in common: the number of images that they saw, or that of images for each subject,
 * so that each slice was seen about as often; undefined for neither. What is not known is taken to be alike.
 */
export function likeBudget(results: StudyResults, cells: readonly GeneratorCell[]): LikeBudget | undefined {
  const known = cells.flatMap((cell) => {
    const images = imagesSeenBy(results, cell);
    return images === undefined ? [] : [{ images, subjects: cell.subjects }];
  });
  if (about(known.map(({ images }) => images))) return "same images";
  return about(known.map(({ images, subjects }) => images / subjects)) ? "same passes" : undefined;
}

function about(counts: readonly number[]): boolean {
  return counts.length === 0 || Math.max(...counts) <= (1 + BUDGET_TOLERANCE) * Math.min(...counts);
}
