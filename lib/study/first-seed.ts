import { InputError } from "../errors";
import type { StudyGrid } from "./grid/cells";
import type { Profile } from "./profile";

/**
 * The first seed that was asked for; undefined where the profile's stands.
 *
 * @param text Of the environment, where the caller names none.
 * @throws InputError if it is no whole number from 0.
 */
export function firstSeedOf(seed: number | undefined, text: string | undefined): number | undefined {
  const asked = seed ?? (text === undefined || text === "" ? undefined : Number(text));
  if (asked !== undefined && !(Number.isSafeInteger(asked) && asked >= 0))
    throw new InputError(`seed ${seed ?? text ?? ""}`, "is no whole number from 0", "Give one, such as 2");
  return asked;
}

/**
 * A profile whose trainings begin with another seed: the first of each row has it, the others count on. The cohort, its
 * split and the draws of intervals stay, so that the same subjects are tested; so do generators that come with the
 * project.
 */
export function withFirstSeed(profile: Profile, first: number): Profile {
  const { grid, generatorWeights } = profile;
  const by = first - firstSeed(grid);
  const moved = (seeds: readonly number[]): readonly number[] => seeds.map((seed) => seed + by);
  const shipped = generatorWeights === "shipped";
  return {
    ...profile,
    grid: {
      generators: shipped
        ? grid.generators
        : grid.generators.map((part) => ({ ...part, seeds: moved(part.seeds) })),
      segmentation: grid.segmentation.map((part) => ({ ...part, seeds: moved(part.seeds) })),
      generatorSeed: shipped ? grid.generatorSeed : grid.generatorSeed + by,
    },
  };
}

/** The seed of the first training of each row. */
export function firstSeed({ segmentation, generatorSeed }: StudyGrid): number {
  return segmentation[0]?.seeds[0] ?? generatorSeed;
}
