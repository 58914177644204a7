import type { Table } from "../../figures/table";
import { InputError } from "../../errors";
import { claimTables } from "./claims";
import { SEGMENTERS } from "../grid/cells";
import { studyCostTable } from "../plan/study-cost";
import { intervalRng } from "./interval-rng";
import type { StudyResults } from "./study-results";
import { cohortTable } from "./tables/cohort-table";
import { copiesTable } from "./tables/copies-table";
import { costTable, stagesTable } from "./tables/cost-table";
import { diceTable } from "./tables/dice-table";
import { memorizationTable } from "./tables/memorization-table";
import { qualityTable, qualityTableName } from "./tables/quality-table";
import { relativeDiceTable } from "./tables/relative-dice-table";
import { differencesTable, missingTable } from "./tables/run-tables";

/** Every table of a run by its name: those of the report, and the claims that it shows in its own way. */
export function allTables(results: StudyResults): ReadonlyMap<string, () => Table> {
  return new Map([...resultTables(results), ...claimTables(results)]);
}

/** The tables of a run's report by their names, in its order. */
export function resultTables(results: StudyResults): ReadonlyMap<string, () => Table> {
  const rng = intervalRng(results);
  const { segmentation: planned } = results.planned;
  const segmenters = SEGMENTERS.filter((name) => planned.some(({ segmenter }) => segmenter === name));
  const extractors = [...new Set(results.quality.map(({ extractor }) => extractor))];
  return new Map<string, () => Table>([
    ...segmenters.flatMap((segmenter) => [
      [`dice-${segmenter}`, () => diceTable(results, segmenter)] as const,
      [`relative-dice-${segmenter}`, () => relativeDiceTable(results, segmenter)] as const,
    ]),
    ...extractors.map(
      (extractor) => [qualityTableName(extractor), () => qualityTable(results, extractor)] as const,
    ),
    ["memorization", () => memorizationTable(results, rng.fork("memorization"))],
    ["copies", () => copiesTable(results)],
    ["cohort", () => cohortTable(results)],
    ["cost", () => costTable(results)],
    ["stages", () => stagesTable(results)],
    ["study-cost", () => studyCostTable("paper")],
    ["differences", () => differencesTable(results)],
    ["missing", () => missingTable(results)],
  ]);
}

/**
 * One table of a run.
 *
 * @throws InputError if the run has none of that name.
 */
export function makeTable(results: StudyResults, name: string): Table {
  const tables = allTables(results);
  const make = tables.get(name);
  if (make === undefined)
    throw new InputError(`table ${name}`, "is not known", `Choose one of ${[...tables.keys()].join(", ")}`);
  return make();
}
