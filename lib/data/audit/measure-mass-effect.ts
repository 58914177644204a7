import { z } from "zod";
import { loadAnatomy, type Anatomy } from "../simulation/anatomy";
import { massEffectSize, type MassEffectSize } from "../simulation/mass-effect-size";
import { subjectHead, type SubjectRecipe } from "../simulation/simulate-subject";

/** Counted up whenever the same subjects give other sizes. */
const SIZE_VERSION = 1;

/** A simulated cohort that this program can make again: its recipe, and the head that it deforms. */
export interface CohortOrder {
  readonly recipe: SubjectRecipe;
  readonly anatomy: Anatomy["kind"];
}

/** A subject of it to be measured. */
export interface MassEffectJob extends CohortOrder {
  /** 1 for the first subject. */
  readonly number: number;
}

/** What is kept of a cohort's mass effect. */
export const massEffectSchema = z.array(
  z.object({
    number: z.number(),
    midlineShiftMm: z.number(),
    ventriclesMl: z.number(),
    pressedShare: z.number(),
    pressedShareOfSide: z.number(),
  }),
);
export type MassEffects = z.infer<typeof massEffectSchema>;

/** Everything of an order that changes a size. */
export function massEffectSettings({ recipe, anatomy }: CohortOrder): object {
  const { name, version, seed } = recipe;
  return { measures: SIZE_VERSION, recipe: { name, version, seed }, anatomy };
}

/** Atlases that this thread has read: reading takes longer than a subject. */
const read = new Map<Anatomy["kind"], Anatomy>();

/** Makes a subject's head again, which its files do not hold, and measures what the tumour did to it. */
export function measureMassEffect({ recipe, anatomy: kind, number }: MassEffectJob): MassEffectSize {
  const anatomy = read.get(kind) ?? loadAnatomy(kind);
  read.set(kind, anatomy);
  return massEffectSize(subjectHead(anatomy, recipe, number));
}
