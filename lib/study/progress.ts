/** How far a stage is, for a bar on a terminal or in a cell. */
export interface StageProgress {
  /** What is being done: "Training the diffusion model". */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** What an earlier, interrupted run had done. */
  readonly doneAtStart: number;
}

/** Receives progress; one object may draw a bar, another write lines. */
export interface ProgressListener {
  /** A stage starts or goes on. */
  update(progress: StageProgress): void;
  /** A stage has ended; `reused` where its finished record was taken. */
  finish(title: string, durationSec: number, reused: boolean): void;
}

/** Hears nothing. */
export const SILENT: ProgressListener = { update: () => undefined, finish: () => undefined };
