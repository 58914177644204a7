import type { ProgressListener, StageProgress } from "../study/progress";
import { cellHost } from "./cell-host";
import { progressDisplay } from "./progress-display";
import type { ProgressDisplay } from "./progress-display";
import { durationText } from "./progress-text";
import { TakenResults, takenText } from "./taken-results";

/**
 * Shows the stages of a study as they are computed: one bar each, that gives way to a line on what it took. What a
 * cell takes from the run in a row shares a line.
 */
export function stageDisplay(): ProgressListener {
  let shown: { readonly label: string; readonly display: ProgressDisplay } | null = null;
  let taken: { readonly cell: number; readonly results: TakenResults } | null = null;
  const takeInCell = (title: string, durationSec: number): boolean => {
    const host = cellHost();
    if (host === null) return false;
    if (taken?.cell !== host.cell) taken = { cell: host.cell, results: new TakenResults(host.output) };
    taken.results.add({ title, durationSec });
    return true;
  };
  return {
    update({ label, done, total, unit, doneAtStart }: StageProgress): void {
      taken = null; // what follows stands below the bar
      if (shown?.label !== label) shown = { label, display: progressDisplay(label, { unit, doneAtStart }) };
      shown.display.update(done, total);
    },
    finish(title: string, durationSec: number, reused: boolean): void {
      if (!reused) {
        taken = null;
        const display = shown?.label === title ? shown.display : progressDisplay(title);
        display.finish(`done in ${durationText(durationSec)}`);
      } else if (!takeInCell(title, durationSec))
        process.stderr.write(`${takenText({ title, durationSec })}\n`);
      shown = null;
    },
  };
}
