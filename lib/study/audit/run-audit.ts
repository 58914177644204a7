import { join } from "node:path";
import { Rng } from "../../backend/rng";
import { startBackend } from "../../backend/start";
import { readAuditVolumes } from "../../data/audit/audit-volumes";
import { cohortOrigin, type CohortOrigin } from "../../data/audit/cohort-origin";
import {
  listAuditSubjects,
  sequencesOf,
  type AuditFiles,
  type FileLayout,
} from "../../data/audit/file-layout";
import { measureCohort } from "../../data/audit/measure-cohort";
import { auditSlices } from "../../data/audit/study-view";
import type { SubjectMeasures } from "../../data/audit/subject-measures";
import { prepareSlices } from "../../data/prepare-slices";
import { concatSlices, selectSubjects, type SliceSet } from "../../data/slice-set";
import { splitSubjects, type Split } from "../../data/split";
import { InputError } from "../../errors";
import { SEQUENCES, type Sequence } from "../../shape";
import type { ProgressListener } from "../progress";
import type { AuditContext } from "./audit-context";
import { auditResultSchema, type AuditResult, type CohortSummary } from "./audit-result";
import { cohortCurves, compareCurves } from "./cohort-curves";
import { difficultyTitle } from "./difficulty";
import { canRemake, massEffectOf, MASS_EFFECT_TITLE } from "./mass-effect";
import { measureRows } from "./measure-rows";
import { readPublishedRanges } from "./published-ranges";
import { COMPARING_TITLE, slicePartsOf } from "./slice-parts";
import { TRANSFER_TITLE } from "./transfer";

export interface AuditOptions {
  /** A BraTS folder. */
  readonly folder: string;
  readonly outFolder: string;
  /** How many of its subjects count, the first ones; all where left out. */
  readonly first?: number;
  /** Whether the owner says that the subjects are simulated; a `cohort.json` in the folder can say so too. */
  readonly simulated: boolean;
  /** Another cohort to compare with. */
  readonly against?: { readonly folder: string; readonly layout?: FileLayout };
  /** Whether to compare heads. */
  readonly heads: boolean;
  /** Numbers of training subjects to train the U-Net on, rising; none trains no network. 0 means all. */
  readonly difficulty: readonly number[];
  /** Whether to train for the other cohort and apply the network to it. */
  readonly transfer: boolean;
  /** Subjects held out; as large a share as in the study where left out. */
  readonly testSubjects?: number;
  readonly size: number;
  /** Images seen by each network. */
  readonly images: number;
  readonly seed: number;
  readonly workers: number;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

/** What an audit found, and the slices that its pictures would show. */
export interface Audit {
  readonly result: AuditResult;
  /** The test subjects' slices; undefined where no part of the audit needed slices. */
  readonly test: SliceSet | undefined;
}

/** What an audit will do, in order, for a progress display. */
export function plannedAudit(
  options: Pick<
    AuditOptions,
    "folder" | "simulated" | "against" | "heads" | "difficulty" | "transfer" | "size"
  >,
): readonly { readonly title: string; readonly expectedSec: number }[] {
  const { folder, simulated, against, heads, difficulty, transfer, size } = options;
  const titles = [
    MEASURING.measures,
    ...(canRemake(cohortOrigin(folder, simulated)) ? [MASS_EFFECT_TITLE] : []),
    ...(against === undefined ? [] : [MEASURING["measures-against"]]),
    ...(heads || transfer || difficulty.length > 0 ? [PREPARING] : []),
    ...(heads ? [COMPARING_TITLE] : []),
    ...difficulty.map((count) => difficultyTitle(count, size)),
    ...(transfer ? [TRANSFER_TITLE] : []),
  ];
  return titles.map((title) => ({ title, expectedSec: 0 }));
}

const MEASURING = {
  measures: "Measuring the subjects",
  "measures-against": "Measuring the other cohort",
} as const;
const PREPARING = "Preparing slices";

/** Test subjects of the study: 56 of 369. */
const TEST_SHARE = 56 / 369;

/**
 * Measures a cohort, compares it with what is known of BraTS and with another cohort, and trains networks on
 * it where asked. Everything that takes long is kept in the output folder and used again.
 *
 * @throws InputError if a folder or an option is at fault.
 */
export async function runAudit(options: AuditOptions): Promise<Audit> {
  const context: AuditContext = {
    runFolder: options.outFolder,
    progress: options.progress,
    workers: options.workers,
    rng: Rng.fromSeed(options.seed).fork("audit"),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const subjects = firstSubjects(options);
  const split = chooseSplit(options, subjects, context.rng);
  const prefixes = chosenPrefixes(options, split);
  const own = await summarise(context, "measures", options, subjects);
  const { order } = own.origin;
  const massEffect = order === null ? [] : await massEffectOf(context, order, subjects);
  const other = await summariseOther(context, options);
  const needsSlices = options.heads || prefixes.length > 0 || options.transfer;
  const slices = needsSlices ? await slicesOf(context, options, own) : undefined;
  const target = options.transfer || options.heads ? otherSlices(options, other?.subjects) : undefined;
  const parts = { split, prefixes, target, sequences: commonSequences(other?.subjects) };
  const learnt = slices === undefined ? {} : await slicePartsOf(context, options, slices, parts);
  const result = auditResultSchema.parse({
    format: "synthmr-audit-1",
    cohort: own.summary,
    against: other === undefined ? null : other.summary,
    agreement: other === undefined ? [] : compareCurves(own.summary.curves, other.summary.curves),
    split: { seed: options.seed, train: split.train.length, test: split.test.length, size: options.size },
    massEffect,
    heads: [],
    pairs: [],
    difficulty: [],
    transfer: null,
    ...learnt,
  });
  return { result, test: slices === undefined ? undefined : selectSubjects(slices, split.test) };
}

/** @throws InputError if fewer subjects are asked for than one. */
function firstSubjects({ folder, first }: AuditOptions): readonly AuditFiles[] {
  if (first !== undefined && first < 1) throw new InputError(`--first ${first}`, "must be 1 or more");
  return listAuditSubjects(folder).slice(0, first);
}

function chooseSplit({ testSubjects }: AuditOptions, subjects: readonly AuditFiles[], rng: Rng): Split {
  const test = testSubjects ?? Math.max(1, Math.round(TEST_SHARE * subjects.length));
  const ids = subjects.map(({ id }) => id);
  // One subject can be measured, but not split.
  if (ids.length === 1) return { name: "one", train: ids, validation: [], test: ids };
  return splitSubjects(ids, { validation: 0, test }, rng.fork("split"));
}

/** @throws InputError if there are not so many subjects to train on, or too few to learn from. */
function chosenPrefixes({ difficulty, transfer }: AuditOptions, { train }: Split): readonly number[] {
  const prefixes = difficulty.map((count) => (count === 0 ? train.length : count));
  const wrong = prefixes.find((count) => count > train.length || count < 2);
  if (wrong !== undefined || ((transfer || prefixes.length > 0) && train.length < 2))
    throw new InputError(
      `--subjects ${wrong ?? ""}`.trim(),
      `must be 2 to ${train.length}, the subjects that are not held out`,
    );
  return [...new Set(prefixes)].sort((a, b) => a - b);
}

interface Measured {
  readonly origin: CohortOrigin;
  readonly summary: CohortSummary;
  readonly subjects: readonly AuditFiles[];
}

async function summarise(
  context: AuditContext,
  name: keyof typeof MEASURING,
  { folder, simulated }: { readonly folder: string; readonly simulated: boolean },
  subjects: readonly AuditFiles[],
): Promise<Measured> {
  const title = MEASURING[name];
  const started = performance.now();
  let before: number | undefined;
  const measures: readonly SubjectMeasures[] = await measureCohort({
    subjects,
    folder: join(context.runFolder, name),
    workers: context.workers,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    onProgress: (done, total) => {
      before ??= done;
      context.progress.update({ label: title, done, total, unit: "subjects", doneAtStart: before });
    },
  });
  context.progress.finish(title, (performance.now() - started) / 1000, before === subjects.length);
  const origin = cohortOrigin(folder, simulated);
  const summary = {
    ...origin,
    subjects: subjects.length,
    rows: [...measureRows(measures, readPublishedRanges())],
    curves: cohortCurves(measures),
  };
  return { origin, summary, subjects };
}

async function summariseOther(context: AuditContext, options: AuditOptions): Promise<Measured | undefined> {
  const { against } = options;
  if (against === undefined) return undefined;
  const subjects = listAuditSubjects(against.folder, against.layout);
  return summarise(context, "measures-against", { folder: against.folder, simulated: false }, subjects);
}

async function slicesOf(
  context: AuditContext,
  options: AuditOptions,
  { subjects, origin }: Measured,
): Promise<SliceSet> {
  await startBackend();
  const started = performance.now();
  const set = await prepareSlices({
    cohortFolder: options.folder,
    size: options.size,
    subjectIds: options.first === undefined ? [] : subjects.map(({ id }) => id),
    outFolder: join(context.runFolder, "slices"),
    workers: context.workers,
    simulated: origin.simulated,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    onProgress: (done, total) => {
      context.progress.update({ label: PREPARING, done, total, unit: "subjects", doneAtStart: 0 });
    },
  });
  context.progress.finish(PREPARING, (performance.now() - started) / 1000, false);
  return set;
}

function otherSlices(
  { size, against }: AuditOptions,
  subjects: readonly AuditFiles[] | undefined,
): SliceSet | undefined {
  if (subjects === undefined || against === undefined) return undefined;
  return concatSlices(subjects.map((files) => auditSlices(readAuditVolumes(files), size, against.folder)));
}

/** Sequences that every subject of the other cohort has. */
function commonSequences(subjects: readonly AuditFiles[] = []): readonly Sequence[] {
  return SEQUENCES.filter((sequence) => subjects.every((files) => sequencesOf(files).includes(sequence)));
}
