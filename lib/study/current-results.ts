import { collectResults, type CollectedResults } from "./collect/collect-results";
import type { Study } from "./study";

const collected = new WeakMap<
  Study,
  { readonly stages: string; readonly current: Promise<CollectedResults> }
>();

/** What is finished of a run, collected again where a stage has finished since it was last asked for. */
export async function currentResults(study: Study): Promise<CollectedResults> {
  await study.slices();
  const stages = study
    .finished()
    .map(({ key }) => key)
    .join("\n");
  const known = collected.get(study);
  if (known?.stages === stages) return known.current;
  const current = collectResults(study);
  collected.set(study, { stages, current });
  return current;
}
