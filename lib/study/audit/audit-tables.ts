import { Table, MISSING, written, type Cell } from "../../figures/table";
import { CLASS_LABEL } from "../../figures/palette";
import { SEQUENCE_LABEL } from "../../figures/slice-view";
import { quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { TUMOUR_CLASSES } from "../../shape";
import { BANDS } from "./cohort-curves";
import { cohortLabel, type AuditResult } from "./audit-result";
import { classDifficulty, DICE_BANDS, FAILED_BELOW } from "./difficulty";
import type { HeadsResult } from "./heads";
import { PUBLISHED_SHIFT, SEEN_SHIFT_MM } from "./mass-effect";
import type { MeasureRow } from "./measure-rows";
import { transferTables } from "./transfer-tables";

/** Every table of an audit, in the order of the report; those of parts that did not run are left out. */
export function auditTables(result: AuditResult, published: string): readonly Table[] {
  return [
    measuresTable(result, published),
    ...(result.agreement.length > 0 ? [agreementTable(result)] : []),
    ...(result.massEffect.length > 0 ? [massEffectTable(result)] : []),
    ...(result.heads.length > 0 ? [headsTable(result)] : []),
    ...(result.heads.length > 0 ? [moreHeadsTable(result)] : []),
    ...(result.pairs.length > 0 ? [pairsTable(result)] : []),
    ...(result.difficulty.length > 0 ? [difficultyTable(result)] : []),
    ...(result.transfer === null ? [] : transferTables(result, result.transfer)),
  ];
}

/** Each measure with its spread, the published range and the verdict. */
export function measuresTable({ cohort, against }: AuditResult, published: string): Table {
  const other = (row: MeasureRow): string =>
    text(against?.rows.find(({ measure }) => measure === row.measure)?.median, row.digits);
  const percent = (share: number | null): number | null => (share === null ? null : 100 * share);
  return new Table({
    id: "measures",
    caption: `Measures of ${cohortLabel(cohort)}: median and 5th to 95th percentile over subjects, against the ${published}. Inside or outside is the median; the last share is that of subjects inside.${against === null ? "" : ` Other: median of ${cohortLabel(against)}.`}`,
    columns: [
      { label: "measure" },
      { label: "n", digits: 0 },
      { label: "median" },
      { label: "5-95 %" },
      { label: "published" },
      { label: "verdict", align: "left" },
      { label: "subjects inside (%)", digits: 0 },
      ...(against === null ? [] : [{ label: "other" }]),
    ],
    rows: cohort.rows.map((row) => [
      row.unit === "" ? row.label : `${row.label} (${row.unit})`,
      row.subjects,
      text(row.median, row.digits),
      `${text(row.p05, row.digits)} to ${text(row.p95, row.digits)}`,
      row.published === null ? MISSING : `${row.published.low} to ${row.published.high}`,
      row.verdict ?? MISSING,
      percent(row.shareInside),
      ...(against === null ? [] : [other(row)]),
    ]),
  });
}

function agreementTable({ cohort, against, agreement }: AuditResult): Table {
  const other = against === null ? "the other cohort" : cohortLabel(against);
  return new Table({
    id: "agreement",
    caption: `${cohortLabel(cohort)} against ${other}: common area of the histograms of standard scores in the brain (1 where they are equal), and ratio of the mean power of axial slices in bands of spatial frequency (cycles/mm; 1 where equal, below 1 smoother).`,
    columns: [
      { label: "sequence" },
      { label: "overlap, brain" },
      ...CLASS_LABEL.map((label) => ({ label: `overlap, ${label}` })),
      ...BANDS.map(([low, high]) => ({ label: `power ${low}-${high}` })),
    ],
    rows: agreement.map(({ sequence, overlap, powerRatio }) => [
      SEQUENCE_LABEL[sequence],
      ...overlap,
      ...powerRatio,
    ]),
  });
}

/** Midline shift and ventricles, as description: nothing is published that they could be judged by. */
function massEffectTable({ cohort, massEffect }: AuditResult): Table {
  const shifts = massEffect.map(({ midlineShiftMm }) => midlineShiftMm);
  const seen = shifts.filter((mm) => mm >= SEEN_SHIFT_MM).length / shifts.length;
  const row = (label: string, values: readonly number[], scale = 1): readonly Cell[] => {
    const sorted = sortedNumbers(values);
    const at = (share: number): number => scale * quantileOfSorted(sorted, share);
    return [label, values.length, at(0.05), at(0.25), at(0.5), at(0.75), at(0.95), at(1)];
  };
  return new Table({
    id: "mass-effect",
    caption: `Mass effect in the first ${massEffect.length} of ${cohortLabel(cohort)}, from the displacement that made them: percentiles over subjects. In ${written(100 * seen, 0)} % the septum pellucidum or the third ventricle is shifted by ${SEEN_SHIFT_MM} mm or more. ${PUBLISHED_SHIFT}.`,
    columns: [
      { label: "measure" },
      { label: "n", digits: 0 },
      ...["5 %", "25 %", "median", "75 %", "95 %", "largest"].map((label) => ({ label, digits: 1 })),
    ],
    rows: [
      row("midline shift (mm)", shifts),
      row(
        "CSF deeper than 26 mm: lateral, third ventricle (mL)",
        massEffect.map(({ ventriclesMl }) => ventriclesMl),
      ),
      row(
        "of them pressed out (%)",
        massEffect.map(({ pressedShare }) => pressedShare),
        100,
      ),
      row(
        "on the side of the mass (%)",
        massEffect.map(({ pressedShareOfSide }) => pressedShareOfSide),
        100,
      ),
    ],
  });
}

const EXTENT_LABEL = { image: "whole image", brain: "within the brain" } as const;

function headsTable({ cohort, heads, split }: AuditResult): Table {
  const [first] = heads;
  const neighbours = first?.neighbours.map(({ mm }) => mm) ?? [];
  const at = (percentiles: readonly number[], share: number): Cell => percentiles[share] ?? null;
  return new Table({
    id: "heads",
    caption: `How alike heads of different subjects are, ${cohortLabel(cohort)}: correlation of each of ${first?.testSlices ?? 0} slices of ${split.test} test subjects with the most similar of ${first?.trainingSlices ?? 0} slices of ${split.train} others, and with slices of the same subject ${neighbours.join(", ")} mm away. Nearer: share of slices that resemble another subject's slice more than their own subject's at that distance.`,
    columns: [
      { label: "sequence" },
      { label: "extent", align: "left" },
      { label: "best of others, median", digits: 3 },
      { label: "95th percentile", digits: 3 },
      ...neighbours.map((mm) => ({ label: `own, ${mm} mm, median`, digits: 3 })),
      ...neighbours.map((mm) => ({ label: `nearer than ${mm} mm (%)`, digits: 1 })),
    ],
    rows: heads.map((head: HeadsResult[number]) => [
      SEQUENCE_LABEL[head.sequence],
      EXTENT_LABEL[head.extent],
      at(head.others, 50),
      at(head.others, 95),
      ...head.neighbours.map(({ percentiles }) => at(percentiles, 50)),
      ...head.neighbours.map(({ beaten }) => (beaten === null ? null : 100 * beaten)),
    ]),
  });
}

/** How the best match grows with the number of subjects that it is looked for among. */
function moreHeadsTable({ cohort, heads }: AuditResult): Table {
  const counts = heads[0]?.byTrainingSubjects.map(({ subjects }) => subjects) ?? [];
  const reference = heads[0]?.neighbours.at(-1)?.mm ?? 0;
  return new Table({
    id: "heads-by-subjects",
    caption: `Best correlation of a test slice with any slice of so many other subjects, ${cohortLabel(cohort)}: median over the slices, and the same subject's slice ${reference} mm away as the upper reference.`,
    columns: [
      { label: "sequence" },
      { label: "extent", align: "left" },
      ...counts.map((count) => ({ label: `of ${count} subjects`, digits: 3 })),
      { label: `own, ${reference} mm`, digits: 3 },
    ],
    rows: heads.map(({ sequence, extent, byTrainingSubjects, neighbours }) => [
      SEQUENCE_LABEL[sequence],
      EXTENT_LABEL[extent],
      ...byTrainingSubjects.map(({ percentiles }) => percentiles[50] ?? null),
      neighbours.at(-1)?.percentiles[50] ?? null,
    ]),
  });
}

function pairsTable({ cohort, against, pairs }: AuditResult): Table {
  return new Table({
    id: "head-pairs",
    caption: `Two heads at a time, ${cohortLabel(cohort)}${against === null ? "" : ` and ${cohortLabel(against)}`}: for each ordered pair of subjects, the median over one's slices of the best correlation with a slice of the other, within the brain. It does not depend on the size of the cohort.`,
    columns: [
      { label: "cohort" },
      { label: "sequence", align: "left" },
      { label: "subjects", digits: 0 },
      { label: "pairs", digits: 0 },
      { label: "median of pairs", digits: 3 },
      { label: "most alike pair", digits: 3 },
    ],
    rows: pairs.map((pair) => [
      (pair.cohort === "own" ? cohort : (against ?? cohort)).name,
      SEQUENCE_LABEL[pair.sequence],
      pair.subjects,
      pair.pairs.length,
      pair.median,
      pair.highest,
    ]),
  });
}

function difficultyTable({ cohort, difficulty, split }: AuditResult): Table {
  const rows = difficulty.flatMap((training) =>
    TUMOUR_CLASSES.map((name, i): readonly Cell[] => {
      const found = classDifficulty(training, name);
      const { target, tolerance } = DICE_BANDS[name];
      return [
        `${training.subjects} subjects, ${CLASS_LABEL[i]}`,
        found.count,
        found.mean,
        found.deviation,
        found.p05,
        found.p25,
        found.median,
        found.p75,
        found.p95,
        100 * found.failedShare,
        `${written(target, 2)} ± ${written(tolerance, 2)}`,
        found.verdict,
      ];
    }),
  );
  return new Table({
    id: "difficulty",
    caption: `Dice of the study's U-Net, scaled to ${split.size} x ${split.size} pixels, on held-out ${cohort.simulated ? "simulated " : ""}subjects of ${cohort.name} (one training each): mean, standard deviation and percentiles over subjects, and the share below ${FAILED_BELOW}. Target: the study's U-Net on BraTS 2020 with the tolerance of the audit.`,
    columns: [
      { label: "learnt from" },
      { label: "n", digits: 0 },
      ...["mean", "sd", "5 %", "25 %", "median", "75 %", "95 %"].map((label) => ({ label })),
      { label: `below ${FAILED_BELOW} (%)`, digits: 0 },
      { label: "target" },
      { label: "verdict", align: "left" },
    ],
    rows,
  });
}

function text(value: number | null | undefined, digits: number): string {
  return written(value ?? Number.NaN, digits);
}
