import { RunLog, type LogLine } from "../training/loop/run-log";

/** Loss and speed over a training, as its stage's folder holds them. */
export function readTrainingLog({ folder }: { readonly folder: string }): readonly LogLine[] {
  return new RunLog(folder).read();
}
