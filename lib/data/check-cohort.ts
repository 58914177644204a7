import { InputError } from "../errors";
import { TUMOUR_CLASSES, type TumourClass } from "../shape";
import { readSubject, type SubjectVolumes } from "./brats-cohort";
import { completeFiles, scanCohort, type SubjectScan } from "./brats-files";
import { BRATS_SHAPE } from "./nifti";
import { keptPositions } from "./study-slices";

/** What checking one subject found. */
export interface SubjectReport {
  readonly id: string;
  /** File names that were expected and not found. */
  readonly missing: readonly string[];
  /** Things that are used as they are although BraTS does them otherwise. */
  readonly odd: readonly string[];
  /** Why the subject cannot be used; null where it can. */
  readonly fault: string | null;
  readonly shape: readonly number[] | null;
  /** Slices that the study's rule keeps. */
  readonly keptSlices: number | null;
  /** Voxels of each class. */
  readonly tumourVoxels: Readonly<Record<TumourClass, number>> | null;
}

/**
 * Reads every subject of a BraTS folder whole and reports what is found, one after the other, so that a
 * caller can show them as they come. A fault of one subject does not stop the next.
 *
 * @throws InputError if the folder is missing or holds no subject.
 */
export function* checkCohort(folder: string): Generator<SubjectReport, void> {
  for (const scan of scanCohort(folder)) yield checkSubject(scan);
}

/** How many subjects checkCohort will report. */
export function countSubjects(folder: string): number {
  return scanCohort(folder).length;
}

function checkSubject(scan: SubjectScan): SubjectReport {
  const { id, missing, odd } = scan;
  const unread = { id, missing, odd, shape: null, keptSlices: null, tumourVoxels: null };
  try {
    const subject = readSubject(completeFiles(scan));
    return { ...unread, ...describe(subject, odd) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...unread, fault: error.message };
  }
}

function describe(
  subject: SubjectVolumes,
  oddFiles: readonly string[],
): Pick<SubjectReport, "shape" | "keptSlices" | "tumourVoxels" | "odd" | "fault"> {
  const { shape, classes } = subject;
  const odd = [...oddFiles];
  const expected = BRATS_SHAPE.join(" x ");
  const inPlane = shape[0] === BRATS_SHAPE[0] && shape[1] === BRATS_SHAPE[1];
  const fault = inPlane ? null : `has the shape ${shape.join(" x ")}, expected ${expected}`;
  if (inPlane && shape[2] !== BRATS_SHAPE[2])
    odd.push(`${shape[2]} axial slices, expected ${BRATS_SHAPE[2]}`);
  const counts = [0, 0, 0, 0];
  for (const index of classes) counts[index] = (counts[index] ?? 0) + 1;
  const [, necroticCore = 0, edema = 0, enhancingTumour = 0] = counts;
  if (necroticCore + edema + enhancingTumour === 0) odd.push("no tumour");
  const kept = inPlane ? keptPositions(subject).length : null;
  if (kept === 0) odd.push("no slice is kept");
  return { shape, odd, fault, keptSlices: kept, tumourVoxels: { necroticCore, edema, enhancingTumour } };
}

/** The reports as aligned lines of text, a header first. */
export function formatReports(reports: readonly SubjectReport[]): string {
  const rows = [
    ["subject", "shape", "slices", ...TUMOUR_CLASSES, "state"],
    ...reports.map((report) => [
      report.id,
      report.shape?.join("x") ?? "-",
      String(report.keptSlices ?? "-"),
      ...TUMOUR_CLASSES.map((name) => String(report.tumourVoxels?.[name] ?? "-")),
      stateOf(report),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function stateOf({ fault, odd }: SubjectReport): string {
  if (fault !== null) return `unusable: ${fault}`;
  return odd.length > 0 ? `ok, odd: ${odd.join("; ")}` : "ok";
}
