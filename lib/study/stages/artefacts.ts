import { z } from "zod";
import { exportFigure } from "../../figures/figure-export";
import type { Figure } from "../../figures/figure";
import { writeTable } from "../../figures/table-files";
import { allTables } from "../results/result-tables";
import type { StudyResults } from "../results/study-results";
import { codeHash } from "../code-hash";
import { figureNames } from "../figures";
import { runStage, type StageResult } from "../stage";
import type { Study } from "../study";

const schema = z.object({ figures: z.array(z.string()), tables: z.array(z.string()) });
export type ArtefactsResult = z.infer<typeof schema>;

/**
 * Draws every figure (SVG with its fonts, PNG for print) and writes every table (HTML, CSV, LaTeX) of a run.
 *
 * @param made The figures of the results, by name; those of the data are made here.
 */
export async function artefactsStage(
  study: Study,
  results: StudyResults,
  made: ReadonlyMap<string, () => Figure>,
): Promise<StageResult<ArtefactsResult>> {
  const tables = [...allTables(results).values()];
  const names = figureNames(study);
  const drawn: readonly (() => Promise<Figure>)[] = [
    ...[...made.values()].map((make) => () => Promise.resolve(make())),
    ...names.map((name) => () => study.figure(name)),
  ];
  return runStage<ArtefactsResult>(study.context, {
    name: "figures",
    title: "Drawing figures and tables",
    settings: { code: codeHash(), figures: [...made.keys(), ...names] },
    inputs: Object.fromEntries(study.finished().map((stage) => [stage.stage, stage])),
    schema,
    folderName: "figures",
    run: async (folder, report) => {
      const total = drawn.length + tables.length;
      let done = 0;
      const count = (): void => {
        report({ done: ++done, total, unit: "files", doneAtStart: 0 });
      };
      const figures: string[] = [];
      for (const draw of drawn) {
        const figure = await draw();
        await exportFigure(figure, folder, ["svg", "png"]);
        figures.push(figure.id);
        count();
      }
      const written = tables.map((make) => {
        const table = make();
        writeTable(table, folder);
        count();
        return table.id;
      });
      return { result: { figures, tables: written } };
    },
  });
}
