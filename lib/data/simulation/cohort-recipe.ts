import { z } from "zod";
import { InputError } from "../../errors";
import { COHORT_VERSIONS, type CohortVersion } from "./simulation-version";

/** What gives a cohort: name, version, seed and subject number together give the bytes of a subject. */
export interface CohortRecipe {
  readonly name: string;
  /** Version of the simulation that made or shall make it. */
  readonly version: CohortVersion;
  /** Any integer of at most 53 bits. */
  readonly seed: number;
  /** Number of subjects, 1-9999. */
  readonly subjects: number;
}

const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and hyphens"),
  version: z.enum(
    COHORT_VERSIONS,
    `must be one of the versions this program makes: ${COHORT_VERSIONS.join(", ")}`,
  ),
  seed: z.number().int("must be an integer").safe("must have at most 53 bits"),
  subjects: z.number().int("must be an integer").min(1, "must be 1 to 9999").max(9999, "must be 1 to 9999"),
});

/**
 * Checks a recipe that comes from outside.
 *
 * @throws InputError that names the first faulty field.
 */
export function checkRecipe(recipe: unknown): CohortRecipe {
  const result = schema.safeParse(recipe);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`cohort recipe: ${issue?.path.join(".") ?? ""}`, issue?.message ?? "is not valid");
}

/** Name of a subject by its number, counted from 1: SIM_0001. */
export function subjectId(number: number): string {
  return `SIM_${String(number).padStart(4, "0")}`;
}
