import type { Rng } from "../../backend/rng";
import type { AugmentationConfig } from "../../data/augmentation/augmentation-config";
import { BatchSource } from "../../data/batches";
import { SLICE_CHANNELS } from "../../shape";
import type { AugmentationJob } from "./augmentation-batch";
import { AugmentationQueue, defaultWorkers } from "./augmentation-queue";
import { plainBatch, type InputLayout, type SegmentationBatch } from "./segmentation-input";
import type { SliceReader } from "./segmentation-slices";

export interface SegmentationBatchesOptions {
  readonly slices: SliceReader;
  readonly layout: InputLayout;
  readonly batchSize: number;
  readonly totalSteps: number;
  readonly rng: Rng;
  /** Random changes of the slices; left out: none. */
  readonly augmentation?: AugmentationConfig;
  /** Threads that prepare augmented batches. */
  readonly workers?: number;
}

/**
 * The batch of each step of a training, a pure function of the step. Slices that are only normalised are prepared
 * when they are asked for, which takes 1 to 4 hundredths of a step; augmented ones by threads ahead of time.
 */
export class SegmentationBatches {
  readonly layout: InputLayout;
  private readonly order: BatchSource;
  private readonly queue: AugmentationQueue | undefined;

  constructor(private readonly options: SegmentationBatchesOptions) {
    const { slices, layout, batchSize, totalSteps, rng, augmentation } = options;
    this.layout = layout;
    this.order = new BatchSource(slices, rng.fork("batches"), batchSize);
    if (augmentation === undefined) return;
    const { workers = defaultWorkers() } = options;
    this.queue = new AugmentationQueue({
      jobOf: (step) => this.augmentationJob(step, augmentation),
      totalSteps,
      workers,
    });
  }

  /** The batch of a step; steps are asked for in order. */
  async batch(step: number): Promise<SegmentationBatch> {
    if (this.queue !== undefined) return this.queue.batch(step);
    return plainBatch(this.options.slices, this.order.batchIndices(step), this.layout);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.queue?.close();
  }

  /** Draws depend on a sample's place in the whole training, not on the batch that it falls into. */
  private augmentationJob(step: number, augmentation: AugmentationConfig): AugmentationJob {
    const { slices, layout, batchSize, rng } = this.options;
    const indices = this.order.batchIndices(step);
    const bytes = layout.size ** 2 * SLICE_CHANNELS;
    const pixels = new Uint8Array(indices.length * bytes);
    indices.forEach((slice, n) => {
      pixels.set(slices.pixels(slice), n * bytes);
    });
    const keys = Array.from(indices, (_, n) => rng.fork("augmentation", step * batchSize + n).key);
    return { pixels, keys, augmentation, layout };
  }
}
