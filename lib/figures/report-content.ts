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

/** What was measured for a claim. */
export interface ReportEffect {
  readonly what: string;
  readonly value: string;
  /** "(0.77 to 0.81)". */
  readonly interval: string;
  /** Over what the interval is, and how many of them. */
  readonly over: string;
  readonly trainings: number;
  /** Paths of the records behind it. */
  readonly sources: readonly string[];
}

/** A statement that was checked. */
export interface ReportClaim {
  readonly id: string;
  readonly statement: string;
  readonly verdict: string;
  /** For the colour of the verdict, which its words repeat. */
  readonly tone: "good" | "part" | "bad" | "open";
  readonly why: string;
  readonly study: string;
  readonly rule: string;
  readonly needed: string | null;
  /** What the verdict does not tell. */
  readonly caveat: string | null;
  readonly effects: readonly ReportEffect[];
}

/** A record of the run that numbers were made of. */
export interface ReportRecord {
  /** Its path in the run folder: what tables and claims name it by. */
  readonly path: string;
  readonly name: string;
  readonly facts: readonly Fact[];
  /** The resolved settings. */
  readonly settings: unknown;
}

/** How a figure or a table is made again. */
export interface ArtefactOrigin {
  readonly notebook: string | undefined;
  readonly command: string;
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
  /** Statements that were checked, before everything else. */
  readonly claims?: readonly ReportClaim[];
  /** Records that tables and claims link to. */
  readonly records?: readonly ReportRecord[];
  /** How figures and tables are made again, by their ids. */
  readonly artefacts?: ReadonlyMap<string, ArtefactOrigin>;
  /** Whether figures can be looked at interactively: plotly.js then stands in the page. */
  readonly interactive?: boolean;
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
