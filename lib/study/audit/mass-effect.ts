import type { CohortOrigin } from "../../data/audit/cohort-origin";
import type { AuditFiles } from "../../data/audit/file-layout";
import {
  massEffectSchema,
  massEffectSettings,
  type CohortOrder,
  type MassEffects,
} from "../../data/audit/measure-mass-effect";
import { runDataTask } from "../../data/data-pool";
import { subjectId } from "../../data/simulation/cohort-recipe";
import { runStage } from "../stage";
import type { AuditContext } from "./audit-context";

/** What progress calls the stage. */
export const MASS_EFFECT_TITLE = "Measuring mass effect";

/** Subjects whose heads are made again at most: about a second each, and their spread is known by then. */
export const MOST_REMADE = 60;

/** Midline shift from which on it counts as one, mm: less is not seen on slices of a few mm. */
export const SEEN_SHIFT_MM = 2;

/** How much a glioblastoma shifts the midline, as far as it is published. */
export const PUBLISHED_SHIFT =
  "Of 114 patients with glioblastoma, 74 % presented with a midline shift, its size not given (Gamburg et al. 2000, Int J Radiat Oncol Biol Phys 48(5), doi 10.1016/S0360-3016(00)01410-3)";

/** Whether the displacement of a cohort can be had again. */
export function canRemake({ order }: CohortOrigin): boolean {
  return order !== null;
}

/**
 * Midline shift and pressed ventricles of the first subjects. Labels and intensities alone do not give them: the
 * heads are made again, with the displacement that the simulation keeps.
 */
export async function massEffectOf(
  context: AuditContext,
  order: CohortOrder,
  subjects: readonly AuditFiles[],
): Promise<MassEffects> {
  const numbers = subjects
    .map(({ id }) => ({ id, number: Number(id.replace(/\D/g, "")) }))
    .filter(({ id, number }) => subjectId(number) === id)
    .slice(0, MOST_REMADE)
    .map(({ number }) => number);
  const { result } = await runStage<MassEffects>(context, {
    name: "mass-effect",
    title: MASS_EFFECT_TITLE,
    settings: { ...massEffectSettings(order), numbers },
    inputs: {},
    schema: massEffectSchema,
    run: async (_folder, report) => {
      const sizes = new Map<number, MassEffects[number]>();
      const jobs = numbers.map((number) => ({ ...order, number }));
      await runDataTask("massEffect", jobs, context, (size, place) => {
        sizes.set(place, { number: numbers[place] ?? 0, ...size });
        report({ done: sizes.size, total: jobs.length, unit: "subjects", doneAtStart: 0 });
      });
      return { result: jobs.flatMap((_, place) => sizes.get(place) ?? []) };
    },
  });
  return result;
}
