import { Table } from "../../figures/table";
import { SEGMENTERS } from "../grid/cells";
import { verdictText, whyText, type Claim } from "./claims/claim";
import { fewSubjectsClaim, moreThanGansClaim } from "./claims/memorization-claims";
import { qualityClaim } from "./claims/quality-claim";
import { relativeDiceClaim } from "./claims/relative-dice-claim";
import { augmentationClaim, realAndSyntheticClaim } from "./claims/row-claims";
import { intervalRng } from "./interval-rng";
import { effectsTable } from "./tables/effects-table";
import type { StudyResults } from "./study-results";

/** Every statement of the study, and every question of its tables, checked against the records of a run. */
export function makeClaims(results: StudyResults): readonly Claim[] {
  const rng = intervalRng(results);
  const segmenters = SEGMENTERS.filter((name) =>
    results.planned.segmentation.some(({ segmenter }) => segmenter === name),
  );
  const memorization = rng.fork("memorization");
  return [
    ...segmenters.map((name) => relativeDiceClaim(results, name)),
    fewSubjectsClaim(results, memorization),
    moreThanGansClaim(results, memorization),
    qualityClaim(results),
    ...segmenters.map((name) => realAndSyntheticClaim(results, name, rng.fork(name))),
    ...segmenters.map((name) => augmentationClaim(results, name, rng.fork(name))),
  ];
}

/** The claims and what they rest on as tables, by their names. */
export function claimTables(results: StudyResults): ReadonlyMap<string, () => Table> {
  return new Map([
    ["claims", () => claimsTable(results)],
    ["effects", () => effectsTable(results, makeClaims(results))],
  ]);
}

/** The claims in a table: statement, what the study says, verdict and why. */
export function claimsTable(results: StudyResults): Table {
  return new Table({
    id: "claims",
    caption: `Statements of the study, and questions of its tables, on ${results.cohort.title}; profile ${results.profile.name}.`,
    columns: [
      { label: "claim" },
      { label: "study", align: "left" },
      { label: "verdict", align: "left" },
      { label: "why", align: "left" },
      { label: "needed", align: "left" },
    ],
    rows: makeClaims(results).map((claim) => [
      claim.statement,
      claim.study,
      verdictText(claim),
      whyText(claim),
      claim.needed,
    ]),
  });
}
