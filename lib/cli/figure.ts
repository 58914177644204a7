import { type Command, InvalidArgumentError } from "commander";
import type { FigureFormat } from "../figures/figure-export";

interface FigureCommandOptions {
  readonly profile: string;
  readonly run?: string;
  readonly format: readonly FigureFormat[];
  readonly widthMm?: number;
  readonly out: string;
  readonly list?: true;
}

/** `synthmr figure`: one figure or table of a finished run again. */
export function register(program: Command): void {
  program
    .command("figure")
    .description("Make one figure of a run again from its collected results; nothing is computed anew.")
    .argument("[name]", "the figure's name, as --list gives it")
    .option("--profile <name>", "the run of this profile", process.env["SYNTHMR_PROFILE"] ?? "quick")
    .option("--run <folder>", "the run's folder (default: runs/<profile>)")
    .option("--format <list>", "svg, pdf, png, html; several with commas between", parseFormats, [
      "svg" as const,
      "png" as const,
    ])
    .option("--width-mm <mm>", "width on paper, 60 to 250 mm, such as 88 for one column", parseWidth)
    .option("--out <folder>", "where the files are written", ".")
    .option("--list", "print the names of the run's figures and tables, and leave")
    .addHelpText(
      "after",
      `
A table is written as CSV, LaTeX and HTML, whatever the format.
Exit codes: 0 done, 2 bad input.

Examples:
  synthmr figure --list
  synthmr figure dice-cells-unet --format pdf,svg --width-mm 180
  synthmr figure dice-unet --out tables`,
    )
    .action(async (name: string | undefined, options: FigureCommandOptions) => {
      await run(name, options);
    });
}

async function run(name: string | undefined, options: FigureCommandOptions): Promise<void> {
  const { join } = await import("node:path");
  const { InputError } = await import("../errors");
  const { PROJECT_ROOT } = await import("../storage/project-root");
  const { hasResults, readPictures, readResults, RESULTS_FOLDER } =
    await import("../study/results/results-file");
  const { makeFigure, resultFigures } = await import("../study/results/result-figures");
  const { allTables } = await import("../study/results/result-tables");
  const folder = join(options.run ?? join(PROJECT_ROOT, "runs", options.profile), RESULTS_FOLDER);
  if (!hasResults(folder))
    throw new InputError(folder, "holds no results", "Run synthmr reproduce, or synthmr study collect");
  const results = readResults(folder);
  const pictures = readPictures(folder);
  const [figures, tables] = [resultFigures(results, pictures), allTables(results)];
  if (options.list === true) {
    console.log(["figures:", ...figures.keys(), "tables:", ...tables.keys()].join("\n"));
    return;
  }
  if (name === undefined) throw new InputError("name", "is missing", "See synthmr figure --list");
  const { makeFolder } = await import("../storage/make-folder");
  makeFolder(options.out);
  const table = tables.get(name);
  if (table !== undefined) {
    const { writeTable } = await import("../figures/table-files");
    console.log(writeTable(table(), options.out).join("\n"));
    return;
  }
  const { exportFigure } = await import("../figures/figure-export");
  const figure = makeFigure(results, pictures, name, options.widthMm);
  console.log((await exportFigure(figure, options.out, options.format, options.widthMm)).join("\n"));
}

function parseFormats(text: string): readonly FigureFormat[] {
  const known: readonly FigureFormat[] = ["svg", "pdf", "png", "html"];
  return text.split(",").map((part) => {
    const format = known.find((candidate) => candidate === part.trim());
    if (format === undefined) throw new InvalidArgumentError(`expected ${known.join(", ")}.`);
    return format;
  });
}

function parseWidth(text: string): number {
  const widthMm = Number(text);
  if (!(widthMm >= 60 && widthMm <= 250)) throw new InvalidArgumentError("expected 60 to 250 mm.");
  return widthMm;
}
