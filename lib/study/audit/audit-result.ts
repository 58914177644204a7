import { z } from "zod";
import { massEffectSchema } from "../../data/audit/measure-mass-effect";
import { agreementSchema, curvesSchema } from "./cohort-curves";
import { difficultySchema } from "./difficulty";
import { headPairsSchema, headsSchema } from "./heads";
import { measureRowSchema } from "./measure-rows";
import { transferSchema } from "./transfer";

const cohortSchema = z.object({
  /** Name of the folder. */
  name: z.string(),
  simulated: z.boolean(),
  recipe: z.string().nullable(),
  attribution: z.string().nullable(),
  subjects: z.number(),
  rows: z.array(measureRowSchema),
  curves: curvesSchema,
});
export type CohortSummary = z.infer<typeof cohortSchema>;

/** A cohort in words: "72 simulated subjects of cohort-a". */
export function cohortLabel({ subjects, simulated, name }: CohortSummary): string {
  return `${subjects} ${simulated ? "simulated " : ""}subject${subjects === 1 ? "" : "s"} of ${name}`;
}

/** The contents of `audit.json`. */
export const auditResultSchema = z.object({
  format: z.literal("synthmr-audit-1"),
  cohort: cohortSchema,
  /** The other cohort, where one was given. */
  against: cohortSchema.nullable(),
  agreement: z.array(agreementSchema),
  split: z.object({ seed: z.number(), train: z.number(), test: z.number(), size: z.number() }),
  /** By subject, from the truth of the simulation; empty where there is none. */
  massEffect: massEffectSchema,
  heads: headsSchema,
  pairs: z.array(z.object({ cohort: z.enum(["own", "against"]), ...headPairsSchema.shape })),
  /** One training each, by rising number of subjects. */
  difficulty: z.array(difficultySchema),
  transfer: transferSchema.nullable(),
});
export type AuditResult = z.infer<typeof auditResultSchema>;
