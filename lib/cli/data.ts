import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { EXIT } from "../errors";
import { registerSimulate } from "./simulate";

/** `synthmr data`: what deals with volumes and slices. A subcommand is one line here. */
export function register(program: Command): void {
  const data = program.command("data").description("check and prepare BraTS folders");
  registerCheck(data);
  registerPrepare(data);
  registerSimulate(data);
}

function registerCheck(data: Command): void {
  data
    .command("check")
    .description("read every subject of a BraTS folder and tell what is found, missing or odd")
    .argument("<folder>", "holds <id>/<id>_{t1,t1ce,t2,flair,seg}.nii.gz")
    .option("--json", "print one JSON document")
    .action(async (folder: string, options: { readonly json?: boolean }) => {
      const { checkCohort, countSubjects, formatReports } = await import("../data/check-cohort");
      const path = resolve(folder);
      const total = countSubjects(path);
      const reports = [];
      for (const report of checkCohort(path)) {
        reports.push(report);
        progress("checked", reports.length, total);
      }
      const unusable = reports.filter(({ fault }) => fault !== null).length;
      const odd = reports.filter((report) => report.odd.length > 0).length;
      if (options.json)
        console.log(JSON.stringify({ folder: path, subjects: reports, unusable, odd }, null, 2));
      else
        console.log(
          `${formatReports(reports)}\n\n${total} subjects, ${unusable} unusable, ${odd} with something odd`,
        );
      process.exitCode = unusable > 0 ? EXIT.failed : EXIT.ok;
    });
}

interface PrepareFlags {
  readonly size: number;
  readonly out: string;
  readonly workers: number;
  readonly simulated?: boolean;
}

function registerPrepare(data: Command): void {
  data
    .command("prepare")
    .description("make the study's axial slices of every subject, one file a subject; safe to run again")
    .argument("<folder>", "a BraTS folder")
    .requiredOption("--out <folder>", "where the slices go")
    .option("--size <pixels>", "256, 128, 64, 32, 16 or 8", wholeNumber, 64)
    .option("--workers <count>", "threads", wholeNumber, availableParallelism())
    .option("--simulated", "the subjects are simulated; every result will say so")
    .action(async (folder: string, flags: PrepareFlags) => {
      const { prepareSlices } = await import("../data/prepare-slices");
      const { readRate } = await import("../data/read-rate");
      const interrupt = new AbortController();
      const onInterrupt = (): void => {
        interrupt.abort(new Error("interrupted"));
      };
      process.once("SIGINT", onInterrupt);
      try {
        const set = await prepareSlices({
          cohortFolder: resolve(folder),
          size: flags.size,
          subjectIds: [],
          outFolder: resolve(flags.out),
          workers: flags.workers,
          simulated: flags.simulated ?? false,
          signal: interrupt.signal,
          onProgress: (done, total) => {
            progress("prepared", done, total);
          },
        });
        const { slicesPerSec, megabytesPerSec } = readRate(set);
        console.log(
          `${set.count} slices of ${set.size} x ${set.size} from ${set.subjects.length} subjects (${set.source})`,
        );
        console.log(
          `batches are read at ${Math.round(slicesPerSec)} slices/s, ${Math.round(megabytesPerSec)} MB/s of float32`,
        );
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        console.error("synthmr: interrupted; run again to go on from here");
        process.exitCode = EXIT.interrupted;
      } finally {
        process.off("SIGINT", onInterrupt);
      }
    });
}

/** A whole number of at least 1. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number.");
  return value;
}

/** Progress goes to the standard error, as one changing line on a terminal and not at all elsewhere. */
function progress(verb: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${verb} ${done} of ${total} subjects${done === total ? "\n" : ""}`);
}
