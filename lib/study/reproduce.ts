import type { Figure } from "../figures/figure";
import { writeCollected } from "./collect/collect-results";
import { resultFigures, type FigureMaker } from "./results/result-figures";
import { writeResultsReport, type WrittenReport } from "./results/results-report";
import { Lanes } from "./run/lanes";
import { runStages, type StagesOutcome } from "./run/run-stages";
import { artefactsStage } from "./stages/artefacts";
import { notebooksStage } from "./stages/notebooks";
import type { Study } from "./study";

/** What a whole run has made. */
export interface Reproduced extends WrittenReport, StagesOutcome {}

/** What follows the stages, in order, and the seconds that it took one core for the profile `quick` (AVX2: 24 and 220). */
export function closingSteps(study: Study): readonly {
  readonly title: string;
  readonly expectedSec: number;
  readonly allCores: boolean;
}[] {
  const notebooks = { title: "Running the notebooks", expectedSec: 140, allCores: true };
  return [
    { title: "Drawing figures and tables", expectedSec: 17, allCores: false },
    ...(runsNotebooks(study) ? [notebooks] : []),
  ];
}

/** The notebooks speak of the simulated cohort and of the run's own generators; with others they are left out. */
function runsNotebooks({ context }: Study): boolean {
  return context.userCohort === undefined && Object.keys(context.publishedSamples ?? {}).length === 0;
}

/**
 * Runs the whole study: every stage, figures and tables, the notebooks, the report.
 *
 * @param parallel Stages, and then notebooks, that are computed side by side, each in a process of its own.
 */
export async function reproduce(study: Study, parallel: number): Promise<Reproduced> {
  const outcome = await runStages(study, study.stages.all(), parallel);
  const { results, pictures } = await writeCollected(study);
  const figures = madeOnce(resultFigures(results, pictures));
  const lanes = new Lanes(parallel);
  const report = lanes.run(async () => {
    await artefactsStage(study, results, figures);
    return writeResultsReport(study.context.runFolder, results, figures);
  });
  const notebooks = runsNotebooks(study) ? notebooksStage(study, lanes) : undefined;
  await Promise.allSettled([report, notebooks]);
  await notebooks;
  return { ...outcome, ...(await report) };
}

/** Figures that keep their drawing: their files and the report are made of the same. */
function madeOnce(makers: ReadonlyMap<string, FigureMaker>): ReadonlyMap<string, () => Figure> {
  const made = new Map<string, Figure>();
  return new Map(
    [...makers].map(([name, make]) => [
      name,
      () => {
        const figure = made.get(name) ?? make();
        made.set(name, figure);
        return figure;
      },
    ]),
  );
}
