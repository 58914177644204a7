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

/** Age at diagnosis: BraTS's patients with a known age are 18-87 years old, 60 on average (Bakas et al. 2018, arXiv 1811.02629). */
export const AGE = { mean: 60, deviation: 12.5, youngest: 18, oldest: 87 } as const;

/** Spread of atrophy between people of one age, in the same unit (Scahill et al. 2003, Arch Neurol 60(7)). */
export const ATROPHY_SPREAD = 0.35;

/** Draws a patient. */
export function drawPerson(rng: Rng): Person {
  const draw = rng.stream();
  const age = Math.min(AGE.oldest, Math.max(AGE.youngest, draw.normal(AGE.mean, AGE.deviation)));
  const atrophy = Math.max(-0.6, (age - 30) / 45 + draw.normal(0, ATROPHY_SPREAD));
  // Hardly any at 40 years, and in nearly all by 75 (de Leeuw et al. 2001, JNNP 70(1)).
  const lesionLoad = draw.uniform() ** (2.2 * Math.exp((60 - age) / 28));
  return { ageYears: age, atrophy, lesionLoad, mirrored: draw.uniform() < 0.5 };
}
