import type { StageProgress } from "./progress";
import { stageKey, type Finished, type Stage, type StageResult } from "./stage";

/**
 * A stage of the study and the stages that it starts from. Its key follows from the settings of all of them, so
 * it is known before anything has run.
 */
export interface StudyStage<R> extends Omit<Stage<R>, "run" | "inputs"> {
  readonly key: string;
  readonly inputs: Readonly<Record<string, StudyStage<unknown>>>;
  /** What it is made of, for the estimate of its time: stages of one kind take as long for as many images. */
  readonly work: StageWork;
  /** Why it cannot run, in words; left out where it can. */
  readonly missing?: string;
  /** @param need Gives what an input has found. */
  run(
    folder: string,
    report: (progress: Omit<StageProgress, "label">) => void,
    need: Need,
  ): Promise<Finished<R>>;
}

export interface StageWork {
  /** "unet", "stylegan2", "samples-diffusion" ... */
  readonly kind: string;
  /** Images trained on or drawn; subjects of a cohort. */
  readonly images: number;
}

/** What a finished input has found; only inputs that a stage names may be asked for. */
export type Need = <T>(stage: StudyStage<T>) => StageResult<T>;

/** Everything of a stage but its key, which follows. */
export type StageDescription<R> = Omit<StudyStage<R>, "key">;

/** A stage with its key. */
export function defineStage<R>(description: StageDescription<R>): StudyStage<R> {
  return { ...description, key: stageKey(description) };
}

/** Why a stage cannot run: for a reason of its own, or of a stage that it starts from. */
export function missingReason({ missing, inputs }: StudyStage<unknown>): string | undefined {
  if (missing !== undefined) return missing;
  for (const input of Object.values(inputs)) {
    const reason = missingReason(input);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Stages with everything that they start from, inputs before what needs them, each once. */
export function withInputs(stages: readonly StudyStage<unknown>[]): readonly StudyStage<unknown>[] {
  const found = new Map<string, StudyStage<unknown>>();
  const visit = (stage: StudyStage<unknown>): void => {
    if (found.has(stage.key)) return;
    for (const input of Object.values(stage.inputs)) visit(input);
    found.set(stage.key, stage);
  };
  stages.forEach(visit);
  return [...found.values()];
}
