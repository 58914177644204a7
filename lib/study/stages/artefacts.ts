import { join } from "node:path";
import { z } from "zod";
import { BrowserRenderer, findChromium } from "../../figures/browser-render";
import { writeFigure, type Figure } from "../../figures/figure";
import type { Table } from "../../figures/table";
import { writeFileAtomic } from "../../storage/atomic-write";
import { codeHash } from "../code-hash";
import { figureNames } from "../figures";
import { runStage, type StageResult } from "../stage";
import type { Study } from "../study";

/** Tables of the report, in its order; the rest stand in the notebooks. */
const REPORT_TABLES = ["dice", "memorization", "samples", "diffusion", "split", "profile"] as const;

const schema = z.object({
  figures: z.array(z.string()),
  tables: z.array(z.string()),
  /** Whether the figures were also drawn by a browser. */
  browser: z.boolean(),
});
export type ArtefactsResult = z.infer<typeof schema>;

/** Those of a run: a run on published images has no generator. */
export function reportTables({ publishedSamples }: Study["context"]): readonly string[] {
  return publishedSamples === undefined
    ? REPORT_TABLES
    : REPORT_TABLES.filter((name) => name !== "diffusion");
}

/** Draws every figure (SVG, PNG, plotly JSON) and writes every table (HTML, CSV, LaTeX) of a run. */
export async function artefactsStage(study: Study): Promise<StageResult<ArtefactsResult>> {
  const stages = await study.stageResults();
  const chromium = findChromium();
  const names = figureNames(study);
  const tables = reportTables(study.context);
  return runStage<ArtefactsResult>(study.context, {
    name: "figures",
    title: "Drawing figures and tables",
    settings: { code: codeHash(), browser: chromium !== undefined, names },
    inputs: Object.fromEntries(stages.map((stage) => [stage.stage, stage])),
    schema,
    folderName: "figures",
    run: async (folder, report) => {
      const total = names.length + tables.length;
      let done = 0;
      const count = () => {
        report({ done: ++done, total, unit: "files", doneAtStart: 0 });
      };
      const figures: Figure[] = [];
      for (const name of names) {
        const figure = await study.figure(name);
        await writeFigure(figure, folder);
        figures.push(figure);
        count();
      }
      if (chromium !== undefined) await drawInBrowser(chromium, figures, folder);
      for (const name of tables) {
        writeTable(await study.table(name), folder);
        count();
      }
      return {
        result: { figures: [...names], tables: [...tables], browser: chromium !== undefined },
      };
    },
  });
}

/** The same figures by a real browser, beside the others: `<id>.chromium.svg` and `.png`. */
async function drawInBrowser(chromium: string, figures: readonly Figure[], folder: string): Promise<void> {
  const renderer = await BrowserRenderer.open(chromium);
  try {
    for (const figure of figures) {
      const { svg, png } = await renderer.draw(figure);
      writeFileAtomic(join(folder, `${figure.id}.chromium.svg`), svg);
      writeFileAtomic(join(folder, `${figure.id}.chromium.png`), png);
    }
  } finally {
    await renderer.close();
  }
}

function writeTable(table: Table, folder: string): void {
  writeFileAtomic(join(folder, `table-${table.id}.html`), table.toHtml());
  writeFileAtomic(join(folder, `table-${table.id}.csv`), table.toCsv());
  writeFileAtomic(join(folder, `table-${table.id}.tex`), table.toLatex());
}
