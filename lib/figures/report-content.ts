import type { Figure } from "./figure";
import type { Table } from "./table";

/** A fact with its name, for lists of facts. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What one stage of the run cost. */
export interface StageCost {
  readonly stage: string;
  readonly durationSec: number;
  /** Images that a training has seen or a sampler has made; null where the stage works on none. */
  readonly images: number | null;
  /** Highest resident memory, bytes; null where it was not measured. */
  readonly peakMemoryBytes: number | null;
}

/** A file of the data with its hash. */
export interface DataHash {
  readonly name: string;
  readonly sha256: string;
}

/** Something that this run did otherwise than the study. */
export interface Difference {
  readonly what: string;
  readonly study: string;
  readonly here: string;
}

/** What a report shows. All texts are plain; the report escapes them. */
export interface ReportContent {
  readonly title: string;
  /** What was reproduced, in a line under the title. */
  readonly subtitle: string;
  /** The result in one sentence with its numbers; says "simulated" where the cohort is. */
  readonly result: string;
  /** The numbers to see first, e.g. "0.84" as the relative Dice with its interval; at most four. */
  readonly keyNumbers: readonly (Fact & { readonly note: string })[];
  /** Whether the cohort is simulated: a visible notice at the top. */
  readonly simulated: boolean;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  /** What was run, in paragraphs. */
  readonly whatWasRun: readonly string[];
  readonly differences: readonly Difference[];
  /** Commit, seed, profile, versions, device, threads, precision. */
  readonly provenance: readonly Fact[];
  readonly dataHashes: readonly DataHash[];
  readonly costs: readonly StageCost[];
  readonly limitations: readonly string[];
  /** Licences and attributions of code, data and atlas, in paragraphs. */
  readonly licences: readonly string[];
  /** How to cite, in paragraphs. */
  readonly citation: readonly string[];
  /** The command that makes this report again. */
  readonly command: string;
  /** BCP 47 code of the texts; "en" where left out. */
  readonly language?: string;
}
