import { collectResults, resultsFolder } from "./collect/collect-results";
import { readPictures } from "./results/results-file";
import type { StudyPictures } from "./results/study-pictures";
import type { StudyResults } from "./results/study-results";
import type { Study } from "./study";

/** What a run has found so far, and the slices that its figures show. */
export interface CurrentResults {
  readonly results: StudyResults;
  readonly pictures: StudyPictures;
}

const collected = new WeakMap<
  Study,
  { readonly stages: string; readonly current: Promise<CurrentResults> }
>();

/** What is finished of a run, collected again where a stage has finished since it was last asked for. */
export async function currentResults(study: Study): Promise<CurrentResults> {
  await study.slices();
  const stages = study
    .finished()
    .map(({ key }) => key)
    .join("\n");
  const known = collected.get(study);
  if (known?.stages === stages) return known.current;
  const current = collectResults(study).then(({ results }) => ({
    results,
    pictures: readPictures(resultsFolder(study)),
  }));
  collected.set(study, { stages, current });
  return current;
}
