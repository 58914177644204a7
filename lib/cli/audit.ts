import { availableParallelism } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import type { AuditOptions } from "../study/audit/run-audit";
import { interruptible, wholeNumber } from "./long-command";

interface AuditFlags {
  readonly out?: string;
  readonly against?: string;
  readonly againstFiles?: string;
  readonly heads: boolean;
  readonly difficulty?: true;
  readonly transfer?: true;
  readonly pictures?: true;
  readonly simulated?: true;
  readonly first?: number;
  readonly size: number;
  readonly images: number;
  readonly subjects: readonly number[];
  readonly test?: number;
  readonly seed: number;
  readonly workers: number;
}

/** `synthmr data audit`: how a cohort compares with BraTS, and how hard it is. */
export function registerAudit(dataCommand: Command): void {
  dataCommand
    .command("audit")
    .description("measure a BraTS folder against what is known of BraTS; train networks on it where asked")
    .argument("<folder>", "a BraTS folder, of patients or simulated")
    .option("--out <folder>", "where results go (default: runs/audit-<folder>)")
    .option("--against <folder>", "another cohort to compare with; it may lack sequences")
    .option(
      "--against-files <names>",
      "files of a subject there, e.g. flair=Flair,t1wGd=T1c,labels2015=OTMultiClass,brain=brainmask",
    )
    .option("--first <count>", "only the first subjects, e.g. for a look in seconds", wholeNumber)
    .option("--no-heads", "leave out the comparison of heads, which prepares slices")
    .option("--difficulty", "train the study's U-Net on some subjects, test it on others")
    .option("--transfer", "train the U-Net on this cohort alone and apply it to the one of --against")
    .option("--size <pixels>", "side of the slices: 256, 128, 64, 32, 16 or 8", wholeNumber, 64)
    .option("--images <count>", "images that each network sees", wholeNumber, 40_000)
    .option("--subjects <counts>", "numbers of training subjects, e.g. 23,46,92 (default: all)", counts, [0])
    .option("--test <count>", "subjects held out (default: 15 %, as in the study)", wholeNumber)
    .option("--seed <number>", "of split and trainings", wholeNumber, 1)
    .option("--workers <count>", "threads", wholeNumber, availableParallelism())
    .option("--simulated", "the subjects are simulated though no cohort.json says so")
    .option("--pictures", "show slices of test subjects in the report")
    .addHelpText(
      "after",
      `
Writes audit.json and audit.html. What is measured or trained is kept and used again; an interrupted
training goes on. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.

Examples:
  npm run synthmr -- data audit DIR
  npm run synthmr -- data audit DIR --difficulty --subjects 23,46,92,184,313 --size 64`,
    )
    .action((folder: string, flags: AuditFlags) => interruptible((signal) => run(folder, flags, signal)));
}

async function run(folder: string, flags: AuditFlags, signal: AbortSignal): Promise<void> {
  const { plannedAudit, runAudit } = await import("../study/audit/run-audit");
  const { writeAudit } = await import("../study/audit/audit-report");
  const { auditTables } = await import("../study/audit/audit-tables");
  const { readPublishedRanges } = await import("../study/audit/published-ranges");
  const { TerminalProgress } = await import("./terminal-progress");
  const options = await optionsOf(folder, flags);
  const progress = new TerminalProgress();
  progress.plan(plannedAudit(options));
  const { result, test } = await runAudit({ ...options, progress, signal });
  const pictured = flags.pictures === true ? test : undefined;
  const command = `npm run synthmr -- ${process.argv.slice(2).join(" ")}`;
  const { jsonPath, reportPath, sentence } = await writeAudit(result, options.outFolder, pictured, command);
  for (const table of auditTables(result, readPublishedRanges().name)) console.log(`${table.toText()}\n`);
  console.log(`${sentence}\n${relative(process.cwd(), jsonPath)}\n${relative(process.cwd(), reportPath)}`);
}

async function optionsOf(
  folder: string,
  flags: AuditFlags,
): Promise<Omit<AuditOptions, "progress" | "signal">> {
  const { InputError } = await import("../errors");
  const { parseLayout } = await import("../data/audit/file-layout");
  const { PROJECT_ROOT } = await import("../storage/project-root");
  const path = resolve(folder);
  const { against, againstFiles, transfer = false } = flags;
  if (against === undefined && (transfer || againstFiles !== undefined))
    throw new InputError(transfer ? "--transfer" : "--against-files", "needs --against, another cohort");
  const layout = againstFiles === undefined ? {} : { layout: parseLayout(againstFiles, "--against-files") };
  return {
    folder: path,
    outFolder: resolve(flags.out ?? join(PROJECT_ROOT, "runs", `audit-${basename(path)}`)),
    simulated: flags.simulated ?? false,
    ...(against === undefined ? {} : { against: { folder: resolve(against), ...layout } }),
    ...(flags.first === undefined ? {} : { first: flags.first }),
    heads: flags.heads,
    difficulty: flags.difficulty === true ? flags.subjects : [],
    transfer,
    ...(flags.test === undefined ? {} : { testSubjects: flags.test }),
    size: flags.size,
    images: flags.images,
    seed: flags.seed,
    workers: flags.workers,
  };
}

/** Whole numbers with commas between. */
function counts(text: string): readonly number[] {
  return text.split(",").map(wholeNumber);
}
