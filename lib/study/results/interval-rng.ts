import { Rng } from "../../backend/rng";
import type { StudyResults } from "./study-results";

/** Draws of every bootstrap interval of a run's results: one seed, so that a table made again is the same. */
export function intervalRng({ profile }: Pick<StudyResults, "profile">): Rng {
  return Rng.fromSeed(profile.seed).fork("results");
}
