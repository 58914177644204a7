import { learningRateAt, type LearningRateConfig } from "../optimizers/learning-rate";
import {
  changesLayers,
  progressiveBatchSizes,
  schedulePoint,
  type ProgressiveScheduleConfig,
} from "./progressive-schedule";

/** Batch and learning rates of networks that have their full size from the start. */
export interface ConstantScheduleConfig {
  readonly batchSize: number;
  readonly generatorRate: LearningRateConfig;
  readonly discriminatorRate: LearningRateConfig;
}

/** How batch, learning rates and resolution go over a training. */
export type GanScheduleConfig =
  | ({ readonly kind: "constant" } & ConstantScheduleConfig)
  | ({ readonly kind: "progressive" } & ProgressiveScheduleConfig);

/** What one step needs to know of the schedule. */
export interface PlannedStep {
  /** Images seen before it. */
  readonly imagesSeen: number;
  readonly batchSize: number;
  readonly lod: number;
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  /** Whether the optimizers forget what they know before it: layers have come in. */
  readonly resetOptimizers: boolean;
}

/** Every step of a training, as a function of its index alone. */
export interface GanPlan {
  readonly totalSteps: number;
  /** @param index 0 to totalSteps; the last one says how many images were seen in all. */
  step(index: number): PlannedStep;
}

/**
 * @param resolution Of the fully grown network.
 * @param images Real images to be seen; the last step may go beyond.
 */
export function ganPlan(schedule: GanScheduleConfig, resolution: number, images: number): GanPlan {
  return schedule.kind === "constant"
    ? constantPlan(schedule, images)
    : progressivePlan(schedule, resolution, images);
}

/** The sizes of batches that a training comes to, if it lasts long enough. */
export function batchSizes(schedule: GanScheduleConfig, resolution: number): number[] {
  return schedule.kind === "constant" ? [schedule.batchSize] : progressiveBatchSizes(schedule, resolution);
}

function constantPlan(schedule: ConstantScheduleConfig, images: number): GanPlan {
  const { batchSize, generatorRate, discriminatorRate } = schedule;
  return {
    totalSteps: Math.ceil(images / batchSize),
    step: (index) => {
      const imagesSeen = index * batchSize;
      return {
        imagesSeen,
        batchSize,
        lod: 0,
        generatorRate: learningRateAt(generatorRate, imagesSeen, images),
        discriminatorRate: learningRateAt(discriminatorRate, imagesSeen, images),
        resetOptimizers: false,
      };
    },
  };
}

function progressivePlan(schedule: ProgressiveScheduleConfig, resolution: number, images: number): GanPlan {
  const { repeats } = schedule;
  // Images seen at each look at the schedule: batches depend on them, so they are added up from the start.
  const looks: number[] = [];
  let seen = 0;
  while (seen < images) {
    looks.push(seen);
    seen += repeats * schedulePoint(schedule, resolution, seen).batchSize;
  }
  looks.push(seen);
  return {
    totalSteps: repeats * (looks.length - 1),
    step: (index) => {
      const look = Math.floor(index / repeats);
      const atLook = looks[look];
      if (atLook === undefined) throw new RangeError(`the plan has no step ${index}`);
      const point = schedulePoint(schedule, resolution, atLook);
      const before = schedulePoint(schedule, resolution, looks[look - 1] ?? 0);
      return {
        imagesSeen: atLook + (index % repeats) * point.batchSize,
        batchSize: point.batchSize,
        lod: point.lod,
        generatorRate: point.learningRate,
        discriminatorRate: point.learningRate,
        resetOptimizers: index % repeats === 0 && changesLayers(before.lod, point.lod),
      };
    },
  };
}
