import { Table } from "../../../figures/table";
import { tableRows, type Segmenter } from "../../grid/cells";
import { generatorTitle, SEGMENTER_TITLE, testSubjects } from "../names";
import { rowScores } from "../row-scores";
import type { StudyResults } from "../study-results";

/**
 * Dice of the 22 rows of the study in its order: three classes and their mean, mean and spread over seeds, one
 * line over each block. A row without a finished training is shown as missing.
 */
export function diceTable(results: StudyResults, segmenter: Segmenter): Table {
  const { cohort } = results;
  const all = tableRows();
  const subjects = cohort.train.subjects;
  const rows = all.map((row) => rowScores(results, { segmenter, row, subjects }));
  const tested = rows.find(({ records }) => records.length > 0)?.records[0]?.subjects.length;
  return new Table({
    id: `dice-${segmenter}`,
    caption: `Dice of the ${SEGMENTER_TITLE[segmenter]} on ${tested ?? 0} held-out ${testSubjects(cohort)} (${cohort.title}), ${subjects} training subjects. Mean over subjects; mean ± standard deviation over trainings where there is more than one. Trainings: finished of planned.`,
    columns: [
      { label: "synthetic slices of" },
      { label: "real slices", align: "left" },
      { label: "augmentation", align: "left" },
      ...["enhancing tumour", "edema", "necrotic core", "mean"].map((label) => ({ label, digits: 3 })),
      { label: "trainings" },
    ],
    rows: rows.map(({ row, perClass, mean, planned, records }) => [
      generatorTitle(row.generator),
      row.real ? "yes" : "no",
      row.augmentation ? "yes" : "no",
      ...[perClass.enhancingTumour, perClass.edema, perClass.necroticCore, mean].map((cell) =>
        cell.count === 0 ? null : cell,
      ),
      planned === 0 && records.length === 0 ? "not planned" : `${records.length} of ${planned}`,
    ]),
    sources: rows.map(({ records }) => records.map(({ origin }) => origin.path)),
    ruled: all.flatMap((row, i) => {
      const before = all[i - 1];
      const opens = row.real !== before?.real || row.augmentation !== before.augmentation;
      return before !== undefined && opens ? [i] : [];
    }),
  });
}
