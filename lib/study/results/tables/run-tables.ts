import { Table } from "../../../figures/table";
import { generatorName, segmentationName } from "../../grid/cells";
import type { StudyResults } from "../study-results";

/** Cells that were planned and have no result, with the reason. */
export function missingTable({ planned, generators, segmentation, missing }: StudyResults): Table {
  const finished = new Set([
    ...generators.map(({ cell }) => generatorName(cell)),
    ...segmentation.map(({ cell }) => segmentationName(cell)),
  ]);
  const names = [...planned.generators.map(generatorName), ...planned.segmentation.map(segmentationName)];
  const reasons = new Map(missing.map(({ name, reason }) => [name, reason]));
  const open = names.filter((name) => !finished.has(name));
  return new Table({
    id: "missing",
    caption: `Trainings that are planned and have no result: ${open.length} of ${names.length}.`,
    columns: [{ label: "training" }, { label: "why", align: "left" }],
    rows: open.map((name) => [name, reasons.get(name) ?? "not run"]),
  });
}

/** What the run does otherwise than the study. */
export function differencesTable({ differences }: StudyResults): Table {
  return new Table({
    id: "differences",
    caption: "Where this run differs from the study.",
    columns: [{ label: "what" }, { label: "study", align: "left" }, { label: "here", align: "left" }],
    rows: differences.map(({ what, study, here }) => [what, study, here]),
  });
}
