import type { LoopOptions } from "../training/loop/training-loop";
import type { StageProgress } from "./progress";
import type { StudyContext } from "./stage";

/** How a stage runs a training: its progress in images, a checkpoint every half minute, a log line a second or so. */
export function loopOptions(
  { signal }: Pick<StudyContext, "signal">,
  report: (progress: Omit<StageProgress, "label">) => void,
): LoopOptions {
  let doneAtStart: number | undefined;
  return {
    checkpointEverySec: 30,
    logEverySteps: 20,
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ imagesSeen, stepsDone, totalSteps }) => {
      const total = (imagesSeen / stepsDone) * totalSteps;
      doneAtStart ??= imagesSeen;
      report({ done: imagesSeen, total, unit: "images", doneAtStart });
    },
  };
}
