import type { Rng } from "../../backend/rng";

/** What is drawn about a patient before anything is made. */
export interface Person {
  readonly ageYears: number;
  /** Loss of tissue against the average of the atlas (young adults): 0 at 30 years, about 1 at 75. */
  readonly atrophy: number;
  /** White-matter hyperintensities: 0 none, 1 confluent. */
  readonly lesionLoad: number;
  /** Whether left and right are those of the atlas exchanged, which is another head. */
  readonly mirrored: boolean;
}

/** Age at diagnosis, chosen by us: adults, about as old as patients with glioblastoma (a median of 61 years in Patil et al. 2012, J Neurosurg 117(4)). */
export const AGE = { mean: 60, deviation: 12.5, youngest: 18, oldest: 87 } as const;

/** Spread of atrophy between people of one age, in the same unit; chosen by us. */
export const ATROPHY_SPREAD = 0.35;

/** Draws a patient. */
export function drawPerson(rng: Rng): Person {
  const draw = rng.stream();
  const age = Math.min(AGE.oldest, Math.max(AGE.youngest, draw.normal(AGE.mean, AGE.deviation)));
  const atrophy = Math.max(-0.6, (age - 30) / 45 + draw.normal(0, ATROPHY_SPREAD));
  // 95 % of people of 60-90 years have some, more with age (de Leeuw et al. 2001, JNNP 70(1)); few before, we assume.
  const lesionLoad = draw.uniform() ** (2.2 * Math.exp((60 - age) / 28));
  return { ageYears: age, atrophy, lesionLoad, mirrored: draw.uniform() < 0.5 };
}
