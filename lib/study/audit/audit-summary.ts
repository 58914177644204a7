import type { Figure } from "../../figures/figure";
import type { Table } from "../../figures/table";
import { auditFigures } from "./audit-figures";
import { auditTables } from "./audit-tables";
import { auditSentence } from "./audit-report";
import { readPublishedRanges } from "./published-ranges";
import { runAudit, type AuditOptions } from "./run-audit";

/** What a short audit asks for. */
export type SummaryOptions = Pick<
  AuditOptions,
  "folder" | "outFolder" | "simulated" | "workers" | "progress" | "signal"
> & {
  /** How many of the cohort's subjects are measured, the first ones. */
  readonly subjects?: number;
};

/** A short audit: measures only, no training and no slices. */
export interface AuditSummary {
  /** What came out, in one sentence. */
  readonly sentence: string;
  /** `measures`, and `mass-effect` where the cohort is simulated. */
  readonly tables: readonly Table[];
  /** `ranges`, `histograms`, `spectra`, `location`. */
  readonly figures: readonly Figure[];
}

/** Audits the first subjects of a cohort: about two seconds a subject and thread; what is measured is kept. */
export async function auditSummary({ subjects = 24, ...options }: SummaryOptions): Promise<AuditSummary> {
  const { result } = await runAudit({
    ...options,
    first: subjects,
    heads: false,
    difficulty: [],
    transfer: false,
    size: 64,
    images: 1,
    seed: 1,
  });
  const { name } = readPublishedRanges();
  return {
    sentence: auditSentence(result),
    tables: auditTables(result, name),
    figures: auditFigures(result, name),
  };
}
