import { DEFAULT_LEVEL } from "../metrics/bootstrap";
import { TUMOUR_CLASSES } from "../shape";
import type { DiceSummary } from "./dice-summary";
import { CLASS_LABEL, type Source } from "./palette";
import { Table, type Cell } from "./table";

/** The order of rows in the study's tables. */
const STUDY_ORDER: readonly Source[] = [
  "real",
  "heldOut",
  "stylegan1",
  "stylegan2",
  "stylegan3",
  "progressive-gan",
  "diffusion",
  "published",
];

export interface DiceTableContent {
  readonly id: string;
  readonly summaries: readonly DiceSummary[];
  /** Networks that were planned and have no result: rows of missing values. */
  readonly missing?: readonly { readonly source: Source; readonly label: string }[];
  /** Whether the test subjects are of a simulated cohort. */
  readonly simulated: boolean;
}

/** Dice per class of networks trained on real and on synthetic slices, rows in the study's order. */
export function diceTable({ id, summaries, missing = [], simulated }: DiceTableContent): Table {
  const rows = [
    ...summaries.map(({ arm, perClass, mean, relative }) => ({
      source: arm.source,
      cells: [arm.label, ...TUMOUR_CLASSES.map((name) => perClass[name]), mean, relative] as readonly Cell[],
    })),
    ...missing.map(({ source, label }) => ({ source, cells: [label, null, null, null, null, null] })),
  ].sort((a, b) => STUDY_ORDER.indexOf(a.source) - STUDY_ORDER.indexOf(b.source));
  const subjects = summaries[0]?.arm.subjects.length ?? 0;
  return new Table({
    id,
    caption: `Dice on n = ${subjects} held-out ${simulated ? "simulated" : "real"} test subjects: mean and ${100 * DEFAULT_LEVEL} % bootstrap interval over subjects.`,
    columns: ["training images", ...CLASS_LABEL, "mean", "relative to real"].map((label) => ({ label })),
    rows: rows.map(({ cells }) => cells),
  });
}
