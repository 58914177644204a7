import { basename } from "node:path";
import { readTrainingLog } from "../training-log";
import type { StageResult } from "../stage";
import type { LossCurve, Origin } from "../results/study-results";

/** Points of a curve that are kept: more cannot be seen. */
const MOST_POINTS = 300;

/** Where a number comes from: the record of its stage. @param seed Of the stage's draws; null where it draws nothing. */
export function originOf(record: StageResult<unknown>, seed: number | null): Origin {
  const { stage, key, durationSec, peakMemoryMb, settings, folder, provenance } = record;
  return {
    name: stage,
    path: `${basename(folder)}/record.json`,
    key,
    seed,
    commit: provenance?.commit ?? null,
    durationSec,
    peakMemoryBytes: peakMemoryMb * 2 ** 20,
    settings,
  };
}

/** What a log has of a GAN's losses; its other details are no losses, or of single steps. */
const GAN_LOSSES = ["generator", "discriminator"] as const;

/** The losses of a training as they went: those of generator and discriminator, or the one that there is. */
export function lossCurves(record: StageResult<unknown>): readonly LossCurve[] {
  const log = readTrainingLog(record);
  const step = Math.max(1, Math.ceil(log.length / MOST_POINTS));
  const kept = log.filter((_, i) => i % step === 0 || i === log.length - 1);
  const imagesSeen = kept.map((line) => line.imagesSeen);
  const adversarial = GAN_LOSSES.filter((name) => kept.some((line) => line.details?.[name] !== undefined));
  if (adversarial.length === 0) return [{ name: "loss", imagesSeen, values: kept.map(({ loss }) => loss) }];
  return adversarial.map((name) => ({
    name,
    imagesSeen,
    values: kept.map((line) => line.details?.[name] ?? Number.NaN),
  }));
}
