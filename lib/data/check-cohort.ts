import { TUMOUR_CLASSES } from "../shape";
import { alignColumns } from "./align-columns";
import { scanCohort } from "./brats-files";
import type { SubjectPart } from "./brats-names";
import type { SubjectReport } from "./check-subject";
import { runDataTask } from "./data-pool";

export type { SubjectReport } from "./check-subject";

/** What checking a cohort found. */
export interface CohortReport {
  readonly folder: string;
  readonly subjects: readonly SubjectReport[];
  /** How many subjects cannot be used, and how many have something odd. */
  readonly unusable: number;
  readonly odd: number;
}

export interface CheckOptions {
  /** Threads. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads every subject of a BraTS folder whole and reports what is found, missing or odd. A fault of one subject
 * does not stop the next.
 *
 * @throws InputError if the folder is missing or holds no subject.
 */
export async function checkCohort(folder: string, options: CheckOptions): Promise<CohortReport> {
  const scans = scanCohort(folder);
  const reports = new Map<number, SubjectReport>();
  await runDataTask("check", scans, options, (report, place) => {
    reports.set(place, report);
    options.onProgress?.(reports.size, scans.length);
  });
  const inOrder = scans.flatMap((_, i) => reports.get(i) ?? []);
  const subjects = withTwins(inOrder);
  return {
    folder,
    subjects,
    unusable: subjects.filter(({ faults }) => faults.length > 0).length,
    odd: subjects.filter(({ odd }) => odd.length > 0).length,
  };
}

/** Notes the subjects whose voxels another one has already; an annotation may be empty in both. */
function withTwins(reports: readonly SubjectReport[]): readonly SubjectReport[] {
  const firstOf = new Map<string, string>();
  return reports.map((report) => {
    const odd = [...report.odd];
    const twins = new Map<string, SubjectPart[]>();
    for (const [part, hash] of Object.entries(report.hashes) as [SubjectPart, string][]) {
      const first = firstOf.get(hash);
      if (first === undefined) firstOf.set(hash, report.id);
      else if (first !== report.id && part !== "segmentation")
        twins.set(first, [...(twins.get(first) ?? []), part]);
    }
    for (const [first, parts] of twins) odd.push(`has the voxels of ${first} (${parts.join(", ")})`);
    return { ...report, odd };
  });
}

/** The reports as aligned lines of text, a header first. */
export function formatReports(reports: readonly SubjectReport[]): string {
  return alignColumns([
    ["subject", "shape", "slices", ...TUMOUR_CLASSES, "state"],
    ...reports.map((report) => [
      report.id,
      report.shape?.join("x") ?? "-",
      String(report.keptSlices ?? "-"),
      ...TUMOUR_CLASSES.map((name) => String(report.tumourVoxels?.[name] ?? "-")),
      stateOf(report),
    ]),
  ]);
}

/** More than these do not help in a table; the report as JSON has them all. */
const MOST_SHOWN = 3;

function stateOf({ faults, odd }: SubjectReport): string {
  const shown = (notes: readonly string[]): string =>
    [
      ...notes.slice(0, MOST_SHOWN),
      ...(notes.length > MOST_SHOWN ? [`and ${notes.length - MOST_SHOWN} more`] : []),
    ].join("; ");
  if (faults.length > 0) return `unusable: ${shown([...faults, ...odd])}`;
  return odd.length > 0 ? `ok, odd: ${shown(odd)}` : "ok";
}
