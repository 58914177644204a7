import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../../errors";
import { COHORT_VERSIONS } from "../simulation/simulation-version";
import type { CohortOrder } from "./measure-mass-effect";

/** Whose images a cohort holds. */
export interface CohortOrigin {
  /** Name of the folder. */
  readonly name: string;
  readonly simulated: boolean;
  /** Name, version and seed where the cohort is simulated by this program. */
  readonly recipe: string | null;
  readonly attribution: string | null;
  /** How to make it again; null where it is not simulated by this version of the program. */
  readonly order: CohortOrder | null;
}

const cohortFile = z.object({
  simulated: z.boolean(),
  recipe: z.object({ name: z.string(), version: z.string(), seed: z.number() }).optional(),
  anatomy: z.enum(["sri24", "analytic"]).optional(),
  attribution: z.string().nullish(),
});

/**
 * What a cohort's folder says of itself in its `cohort.json`; a folder without one holds what its owner says.
 *
 * @param declared Whether the owner says that the subjects are simulated.
 * @throws InputError if the file is there and is not one of a cohort.
 */
export function cohortOrigin(folder: string, declared = false): CohortOrigin {
  const path = join(folder, "cohort.json");
  const name = basename(folder);
  if (!existsSync(path)) return { name, simulated: declared, recipe: null, attribution: null, order: null };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(path, "is not valid JSON");
    throw explainFileError(path, error);
  }
  const parsed = cohortFile.safeParse(content);
  if (!parsed.success) throw new InputError(path, "does not describe a cohort");
  const { simulated, recipe, anatomy, attribution } = parsed.data;
  const version = COHORT_VERSIONS.find((made) => made === recipe?.version);
  return {
    name,
    simulated: simulated || declared,
    recipe: recipe === undefined ? null : `${recipe.name}, version ${recipe.version}, seed ${recipe.seed}`,
    attribution: attribution ?? null,
    order:
      recipe === undefined || version === undefined || anatomy === undefined
        ? null
        : { recipe: { ...recipe, version }, anatomy },
  };
}
