import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { EXIT, InputError } from "../errors";
import { registerAudit } from "./audit";
import { registerManifests } from "./data-manifests";
import { registerSplit } from "./data-split";
import { registerImportImages } from "./import-images";
import { interruptible, progress, wholeNumber } from "./long-command";
import { registerSimulate } from "./simulate";

/** `synthmr data`: what deals with volumes and slices. A subcommand is one line here. */
export function register(program: Command): void {
  const data = program.command("data").description("check, prepare, import and fetch data");
  registerCheck(data);
  registerPrepare(data);
  registerSplit(data);
  registerImportImages(data);
  registerSimulate(data);
  registerAudit(data);
  registerManifests(data);
}

function registerCheck(data: Command): void {
  data
    .command("check")
    .description("read every subject of a BraTS folder and tell what is found, missing or odd")
    .argument("<folder>", "BraTS until 2021 or since 2023, flat or nested, or Task01 of the Decathlon")
    .option("--json", "print one JSON document")
    .option("--workers <count>", "threads", wholeNumber, availableParallelism())
    .action(async (folder: string, options: { readonly json?: boolean; readonly workers: number }) => {
      const { checkCohort, formatReports } = await import("../data/check-cohort");
      await interruptible(async (signal) => {
        const onProgress = progress("checked", "subjects");
        const report = await checkCohort(resolve(folder), { workers: options.workers, signal, onProgress });
        const { subjects, unusable, odd } = report;
        console.log(
          options.json
            ? JSON.stringify(report, null, 2)
            : `${formatReports(subjects)}\n\n${subjects.length} subjects, ${unusable} unusable, ${odd} with something odd`,
        );
        process.exitCode = unusable > 0 ? EXIT.usage : EXIT.ok;
      });
    });
}

interface PrepareFlags {
  readonly size: number;
  readonly out: string;
  readonly workers: number;
  readonly simulated?: boolean;
  readonly json?: boolean;
}

function registerPrepare(data: Command): void {
  data
    .command("prepare")
    .description("make the study's axial slices of every subject, one file a subject; safe to run again")
    .argument("<folder>", "a BraTS folder")
    .requiredOption("--out <folder>", "where the slices go")
    .option("--size <pixels>", "256, 128, 64, 32, 16 or 8", wholeNumber, 64)
    .option("--workers <count>", "threads, each about 200 MB", wholeNumber, availableParallelism())
    .option("--simulated", "the subjects are simulated, where the folder does not say so itself")
    .option("--json", "print the counts as one JSON document")
    .action(async (folder: string, flags: PrepareFlags) => {
      const { NO_SLICE_KEPT } = await import("../data/check-subject");
      const { isSimulatedCohort } = await import("../data/simulated-cohort");
      const { prepareShards } = await import("../data/prepare-slices");
      const { formatListing, readListing } = await import("../data/prepared-folder");
      const { readRate } = await import("../data/read-rate");
      await interruptible(async (signal) => {
        const { size, workers } = flags;
        const outFolder = resolve(flags.out);
        const slices = await prepareShards({
          cohortFolder: resolve(folder),
          size,
          subjectIds: [],
          outFolder,
          workers,
          simulated: flags.simulated ?? isSimulatedCohort(resolve(folder)),
          signal,
          onProgress: progress("prepared", "subjects"),
        });
        const listing = readListing(outFolder, size);
        if (listing.slices === 0) {
          slices.close();
          throw new InputError(folder, NO_SLICE_KEPT);
        }
        if (flags.json) {
          console.log(JSON.stringify(listing, null, 2));
          return;
        }
        const { slicesPerSec, megabytesPerSec } = readRate(slices);
        slices.close();
        console.log(
          `${formatListing(listing)}\n\n${slices.count} slices of ${size} x ${size} from ${listing.shards.length} subjects (${slices.source})`,
        );
        console.log(
          `batches are read at ${Math.round(slicesPerSec)} slices/s, ${Math.round(megabytesPerSec)} MB/s of float32`,
        );
      });
    });
}
