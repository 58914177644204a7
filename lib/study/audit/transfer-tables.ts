import { CLASS_LABEL } from "../../figures/palette";
import { SEQUENCE_LABEL } from "../../figures/slice-view";
import { Table, written, type Cell, type Column } from "../../figures/table";
import { meanOfNumbers } from "../../metrics/subject-scores";
import { TUMOUR_CLASSES, type TumourRegion } from "../../shape";
import { cohortLabel, type AuditResult } from "./audit-result";
import { meanWholeTumour, type TransferResult, type WholeTumourMethod } from "./transfer";
import type { WholeTumourScore } from "./whole-tumour";

/** Dice of each subject of the other cohort, and what else tells a network from a threshold. */
export function transferTables(audit: AuditResult, transfer: TransferResult): readonly Table[] {
  return [diceTable(audit, transfer), regionTable(audit, transfer), wholeTumourTable(audit, transfer)];
}

const METHODS = [
  "network",
  "thresholdFromTraining",
  "thresholdBestOnTarget",
] as const satisfies readonly WholeTumourMethod[];

function diceTable({ cohort, against }: AuditResult, transfer: TransferResult): Table {
  const { subjects, threshold, trainingSubjects } = transfer;
  const sequences = transfer.sequences.map((name) => SEQUENCE_LABEL[name]).join(" and ");
  return new Table({
    id: "transfer",
    caption: `Dice on ${otherCohort(against)} of a U-Net that learnt from ${trainingSubjects} ${cohort.simulated ? "simulated " : ""}subjects of ${cohort.name} alone, on ${sequences}; beside it a threshold on FLAIR (standard scores), chosen on the same training subjects or the best for these subjects themselves.`,
    columns: [
      { label: "subject" },
      { label: "whole tumour, U-Net" },
      { label: `threshold ${written(threshold.chosenOnTraining, 2)} from training` },
      { label: `best threshold ${written(threshold.bestOnTarget, 2)}` },
      ...CLASS_LABEL.map((label) => ({ label: `${label}, U-Net` })),
    ],
    rows: [
      ...subjects.map(({ subject, wholeTumour, dice }) => [
        subject,
        ...METHODS.map((method) => wholeTumour[method].dice),
        ...TUMOUR_CLASSES.map((name) => dice[name]),
      ]),
      [
        "mean",
        ...METHODS.map((method) => meanWholeTumour(transfer, method, "dice")),
        ...TUMOUR_CLASSES.map((name) => meanOfNumbers(subjects.map(({ dice }) => dice[name] ?? Number.NaN))),
      ],
    ],
  });
}

const REGION_LABEL: Readonly<Record<TumourRegion, string>> = {
  wholeTumour: "whole tumour",
  tumourCore: "tumour core",
  enhancingTumour: "enhancing tumour",
};

/** One row a region and method, one column a subject. */
function regionTable({ cohort, against }: AuditResult, transfer: TransferResult): Table {
  const { subjects, regions, trainingSubjects } = transfer;
  return new Table({
    id: "transfer-regions",
    caption: `Dice of the regions of BraTS on ${otherCohort(against)}: the U-Net that learnt from ${trainingSubjects} ${cohort.simulated ? "simulated " : ""}subjects, and thresholds (standard scores), each chosen for its region on the same training subjects. The tumour core is the necrotic core and the enhancing tumour. Means leave undefined values out.`,
    columns: [
      { label: "region" },
      { label: "method", align: "left" },
      ...subjects.map(({ subject }) => ({ label: subject })),
      { label: "mean" },
    ],
    rows: regions.map(({ region, method, threshold, dice }) => [
      REGION_LABEL[region],
      method === "network"
        ? "U-Net"
        : `${SEQUENCE_LABEL[method]} above ${written(threshold ?? Number.NaN, 2)}`,
      ...dice,
      meanOfNumbers(dice.map((value) => value ?? Number.NaN)),
    ]),
    ruled: regions.flatMap(({ method }, row) => (method === "network" && row > 0 ? [row] : [])),
  });
}

/** The methods that know nothing of the other cohort, by the names of the second table. */
const COMPARED = [
  { method: "network", label: "U-Net" },
  { method: "thresholdFromTraining", label: "threshold" },
  { method: "networkLargest", label: "U-Net, largest region" },
  { method: "thresholdFromTrainingLargest", label: "threshold, largest region" },
] as const satisfies readonly { readonly method: WholeTumourMethod; readonly label: string }[];

const MEASURES = [
  { measure: "dice", label: "Dice" },
  { measure: "hausdorff95Mm", label: "Hausdorff 95 (mm)", digits: 1 },
  { measure: "precision", label: "precision" },
  { measure: "sensitivity", label: "sensitivity" },
  { measure: "falseRegions", label: "false regions", digits: 1 },
  { measure: "regions", label: "of regions", digits: 1 },
] as const satisfies readonly (Column & { readonly measure: keyof WholeTumourScore })[];

/** One row a subject and method. */
function wholeTumourTable({ cohort, against, split }: AuditResult, transfer: TransferResult): Table {
  const { subjects, threshold, trainingSubjects } = transfer;
  const rows = (
    heading: string,
    value: (method: WholeTumourMethod, measure: keyof WholeTumourScore) => Cell,
  ) =>
    COMPARED.map(({ method, label }) => [
      heading,
      label,
      ...MEASURES.map(({ measure }) => value(method, measure)),
    ]);
  const bySubject = subjects.flatMap(({ subject, wholeTumour }) =>
    rows(subject, (method, measure) => wholeTumour[method][measure]),
  );
  return new Table({
    id: "transfer-whole-tumour",
    caption: `Whole tumour on ${otherCohort(against)}: the U-Net that learnt from ${trainingSubjects} ${cohort.simulated ? "simulated " : ""}subjects, and the threshold ${written(threshold.chosenOnTraining, 2)} on FLAIR that was chosen on them. Over each subject's slices of ${split.size} x ${split.size} pixels as one volume; Hausdorff 95: 95th percentile of the distances between the surfaces; false regions: connected regions of the prediction (26 neighbours, of any size) without an annotated voxel, of all its regions; largest region: nothing else of the prediction counts. Means leave undefined values out.`,
    columns: [{ label: "subject" }, { label: "method", align: "left" }, ...MEASURES],
    rows: [...bySubject, ...rows("mean", (method, measure) => meanWholeTumour(transfer, method, measure))],
    ruled: [bySubject.length],
  });
}

function otherCohort(against: AuditResult["against"]): string {
  return against === null ? "the other cohort" : cohortLabel(against);
}
