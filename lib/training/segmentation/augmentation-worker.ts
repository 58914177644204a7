/** Entry of a worker thread: makes an augmented batch of each job that is posted to it. */
import { parentPort } from "node:worker_threads";
import { augmentedBatch, type AugmentationJob } from "./augmentation-batch";
import type { SegmentationBatch } from "./segmentation-input";

/** A job and the step that it is for. */
export interface AugmentationRequest {
  readonly step: number;
  readonly job: AugmentationJob;
}

/** The batch of a step. */
export interface AugmentationAnswer {
  readonly step: number;
  readonly batch: SegmentationBatch;
}

parentPort?.on("message", ({ step, job }: AugmentationRequest) => {
  const batch = augmentedBatch(job);
  const answer: AugmentationAnswer = { step, batch };
  parentPort?.postMessage(answer, [batch.values.buffer as ArrayBuffer, batch.labels.buffer as ArrayBuffer]);
});
