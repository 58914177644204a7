import type { ProgressListener, StageProgress } from "../study/progress";
import { progressDisplay } from "./progress-display";
import type { ProgressDisplay } from "./progress-display";
import { durationText } from "./progress-text";

/** Shows the stages of a study as they are computed: one bar each, that gives way to a line on what it took. */
export function stageDisplay(): ProgressListener {
  let shown: { readonly label: string; readonly display: ProgressDisplay } | null = null;
  return {
    update({ label, done, total, unit, doneAtStart }: StageProgress): void {
      if (shown?.label !== label) shown = { label, display: progressDisplay(label, { unit, doneAtStart }) };
      shown.display.update(done, total);
    },
    finish(title: string, durationSec: number, reused: boolean): void {
      const display = shown?.label === title ? shown.display : progressDisplay(title);
      const took = durationText(durationSec);
      display.finish(reused ? `taken from the run, where it took ${took}` : `done in ${took}`);
      shown = null;
    },
  };
}
