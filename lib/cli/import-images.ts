import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Option, type Command } from "commander";
import type { PublishedImages } from "../data/published-images";
import { interruptible, progress, wholeNumber } from "./long-command";

interface ImportFlags {
  readonly out: string;
  readonly size: number;
  readonly limit?: number;
  readonly source?: string;
  readonly orientation: "study" | "upright";
  readonly workers: number;
  readonly json?: boolean;
}

/** `synthmr data import-images`: published synthetic images in place of a generator's samples. */
export function registerImportImages(data: Command): void {
  data
    .command("import-images")
    .description("make slices of published synthetic images (BRGANDI), which then stand in for samples")
    .argument("<folder>", "images of one generator: folders T1, T1CE, T2, FLAIR, SEG, or all in one")
    .requiredOption("--out <folder>", "where the slices go")
    .option("--size <pixels>", "side of the slices", wholeNumber, 256)
    .option("--limit <count>", "only the first so many, by name", wholeNumber)
    .option("--source <text>", "which generator, trained on what (default: the folder's name)")
    .addOption(
      new Option("--orientation <name>", "how the PNGs lie: as the study wrote them, or heads upright")
        .choices(["study", "upright"])
        .default("study"),
    )
    .option("--workers <count>", "threads", wholeNumber, availableParallelism())
    .option("--json", "print what was found as one JSON document")
    .action(async (folder: string, flags: ImportFlags) => {
      const { importImages } = await import("../data/import-images");
      const { json, out, ...options } = flags;
      await interruptible(async (signal) => {
        const { found, listing } = await importImages({
          ...options,
          folder: resolve(folder),
          outFolder: resolve(out),
          signal,
          onProgress: progress("imported", "images"),
        });
        const { images, ...summary } = found;
        if (json) {
          console.log(
            JSON.stringify({ ...summary, complete: images.length, imported: listing.slices }, null, 2),
          );
          return;
        }
        console.log(describe(summary, images.length));
        console.log(`${listing.slices} images of ${listing.size} x ${listing.size} in ${resolve(out)}`);
      });
    });
}

const MOST_NAMED = 10;

function describe(
  found: Pick<PublishedImages, "layout" | "matchedBy" | "patterns" | "counts" | "incomplete">,
  complete: number,
): string {
  const pairs = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  const lines = [
    `layout: ${found.layout === "flat" ? "all in one folder" : "a folder for each channel"}, matched by ${found.matchedBy}`,
    `files: ${pairs(found.counts)}`,
    `complete images: ${complete} (${pairs(found.patterns)})`,
    `incomplete images, left out: ${found.incomplete.length}`,
    ...found.incomplete.slice(0, MOST_NAMED).map(({ name, lacks }) => `  ${name} lacks ${lacks.join(", ")}`),
  ];
  if (found.incomplete.length > MOST_NAMED) lines.push(`  and ${found.incomplete.length - MOST_NAMED} more`);
  return lines.join("\n");
}
