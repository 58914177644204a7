import type { Rng } from "../backend/rng";
import type { Denoiser } from "../models/diffusion/diffusion-unet";
import type { PredictionTarget } from "../models/diffusion/diffusion-process";
import type { NoiseSchedule } from "../models/diffusion/noise-schedule";
import { CompiledDenoiser } from "../sampling/compiled-denoiser";
import { sampleDiffusion, samplingSchedule, type SamplingMethod } from "../sampling/diffusion-sampler";
import { roundedDown } from "../sampling/grey-images";
import { SLICE_CHANNELS } from "../shape";
import type { DiffusionConfig } from "../training/diffusion/train-diffusion";
import type { BatchPainter } from "./image-source";

/** What of a diffusion model's settings says how images come from noise. */
export interface DiffusionDrawing extends Pick<DiffusionConfig, "schedule" | "target"> {
  readonly size: number;
  readonly method: SamplingMethod;
}

/** Images of a trained diffusion model; the noise of an image is drawn from its seed alone. */
export class DiffusionImages implements BatchPainter {
  private readonly denoiser: CompiledDenoiser;
  private readonly schedule: NoiseSchedule;
  private readonly target: PredictionTarget;
  private readonly method: SamplingMethod;
  private readonly size: number;

  /** @param rng Of all images. */
  constructor(
    denoiser: Denoiser,
    { schedule, target, size, method }: DiffusionDrawing,
    private readonly rng: Rng,
  ) {
    this.schedule = samplingSchedule(schedule.name, schedule.steps, method);
    this.denoiser = new CompiledDenoiser(denoiser);
    [this.target, this.method, this.size] = [target, method, size];
  }

  paint(seeds: readonly number[]): Uint8Array {
    const { denoiser, schedule, target, method, size, rng } = this;
    const images = sampleDiffusion({
      denoiser,
      schedule,
      target,
      method,
      size,
      channels: SLICE_CHANNELS,
      seeds,
      rng: rng.fork("image"),
    });
    const grey = roundedDown(images.dataSync());
    images.dispose();
    return grey;
  }

  dispose(): void {
    this.denoiser.dispose();
  }
}
