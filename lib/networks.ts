/**
 * What speaks of tensors: `import { ... } from "synthmr/networks"`. Call `startBackend` of `synthmr` before
 * any computation.
 */
export * as tf from "./backend/tf";
export { Rng } from "./backend/rng";
export { bootstrapMean, bootstrapRatioOfMeans } from "./metrics/bootstrap";
export type { BootstrapOptions, Interval } from "./metrics/bootstrap";
export { DiffusionUNet } from "./models/diffusion/diffusion-unet";
export type { Denoiser, DiffusionUNetConfig } from "./models/diffusion/diffusion-unet";
export { noiseSchedule } from "./models/diffusion/noise-schedule";
export type { NoiseSchedule, ScheduleName } from "./models/diffusion/noise-schedule";
export { Params } from "./models/params";
export { UNet } from "./models/unet/unet";
export type { UNetConfig } from "./models/unet/unet";
