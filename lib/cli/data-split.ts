import { resolve } from "node:path";
import type { Command } from "commander";
import { wholeNumber } from "./long-command";

interface SplitFlags {
  readonly split?: string;
  readonly prefix?: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly out?: string;
}

/** `synthmr data split`: which subjects of a folder train, choose and test. */
export function registerSplit(data: Command): void {
  data
    .command("split")
    .description(
      "split the subjects of a BraTS folder as the study did, where their names fit, else by a seed",
    )
    .argument("<folder>", "a BraTS folder")
    .option("--split <name>", "brats2020, brats2021, or random; default: what the names fit")
    .option(
      "--prefix <count>",
      "train on the first so many of the study's order (184, 92, 46, 23)",
      wholeNumber,
    )
    .option("--validation <count>", "validation subjects, drawn from those that train", Number, 0)
    .option("--test <count>", "test subjects of a random split", Number, 0)
    .option("--seed <n>", "seed of what is drawn", Number, 1)
    .option("--out <file>", "write it as JSON")
    .action(async (folder: string, flags: SplitFlags) => {
      const { Rng } = await import("../backend/rng");
      const { scanCohort } = await import("../data/brats-files");
      const { applyPublishedSplit, fittingSplit, readPublishedSplit } =
        await import("../data/published-split");
      const { splitSubjects, writeSplit } = await import("../data/split");
      const ids = scanCohort(resolve(folder)).map(({ id }) => id);
      const { validation, test, seed, prefix } = flags;
      const rng = Rng.fromSeed(seed).fork("split");
      const named = flags.split === undefined ? fittingSplit(ids) : undefined;
      const published =
        flags.split === undefined || flags.split === "random" ? named : readPublishedSplit(flags.split);
      const chosen =
        published === undefined
          ? { split: splitSubjects(ids, { validation, test }, rng), notes: [`drawn by the seed ${seed}`] }
          : applyPublishedSplit(
              published,
              ids,
              prefix === undefined ? { validation } : { validation, prefix },
              rng,
            );
      const { split, notes } = chosen;
      console.log(
        `${split.name}: ${split.train.length} train, ${split.validation.length} validation, ${split.test.length} test subjects of ${ids.length}`,
      );
      for (const note of notes) console.log(`- ${note}`);
      if (flags.out !== undefined) writeSplit(resolve(flags.out), split, seed);
    });
}
