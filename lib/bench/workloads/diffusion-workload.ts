import { Rng } from "../../backend/rng";
import { BatchSource, imagesToTensor } from "../../data/batches";
import type { DiffusionUNet } from "../../models/diffusion/diffusion-unet";
import { noiseSchedule } from "../../models/diffusion/noise-schedule";
import type { BuiltNetwork } from "../../references/network-kind";
import { guidedDiffusion } from "../../references/guided-diffusion";
import { CompiledDenoiser } from "../../sampling/compiled-denoiser";
import { sampleDiffusion, samplingSchedule } from "../../sampling/diffusion-sampler";
import { roundedDown } from "../../sampling/grey-images";
import { SLICE_CHANNELS } from "../../shape";
import { diffusionGradient, diffusionStep } from "../../training/diffusion/diffusion";
import { Ema } from "../../training/optimizers/ema";
import { Adam } from "../../training/optimizers/optimizers";
import { ParameterVector } from "../../training/optimizers/parameter-vector";
import type { BenchCase } from "../bench-case";
import { noiseSlices } from "../bench-slices";
import { disposeNetworks, parametersOf, type Workload } from "../workload";
import { defaultDenoiser } from "./default-networks";
import { BENCH_EMA, BENCH_RATE, MOST_VALUES } from "./workload-settings";

/** Steps of the study's schedule, and of DDIM here. */
const SCHEDULE = { name: "linear", steps: 1000 } as const;
export const DDIM_STEPS = 10;

/** The denoiser of a case: one like that of the small profile where the case has no settings of its own. */
export function buildDenoiser(subject: string, { config, size }: BenchCase): BuiltNetwork<DiffusionUNet> {
  return guidedDiffusion.fromConfig(subject, config ?? defaultDenoiser(size), MOST_VALUES);
}

/** A training step of the study's: loss, gradient, Adam, average of the weights. */
export function diffusionTraining(subject: string, benchCase: BenchCase): Workload {
  const { size, batch } = benchCase;
  const built = buildDenoiser(subject, benchCase);
  const { network, params } = built;
  const rng = Rng.fromSeed(1);
  const parameters = new ParameterVector(params);
  const optimizer = new Adam(parameters);
  const ema = new Ema(parameters, BENCH_EMA);
  const slices = noiseSlices(size, 2 * batch, rng);
  const batches = new BatchSource(slices, rng.fork("batches"), batch);
  const gradient = diffusionGradient(network, params, parameters, "noise");
  const schedule = noiseSchedule(SCHEDULE.name, SCHEDULE.steps);
  const parts = { gradient, optimizer, schedule, weighting: "simple" } as const;
  const networks = new Map([["network", built]] as const);
  let step = 0;
  const run = (): void => {
    const images = imagesToTensor(slices, batches.batchIndices(step));
    diffusionStep(parts, images, BENCH_RATE, rng.fork("step", step));
    ema.update(parameters, step * batch, batch);
    images.dispose();
    step++;
  };
  return {
    networks,
    parameters: parametersOf(networks),
    images: batch,
    kinds: [{ name: "step", share: 1, run }],
    dispose: () => {
      for (const part of [gradient, parameters, optimizer, ema]) part.dispose();
      disposeNetworks(networks);
    },
  };
}

/** A batch of images by DDIM, to grey values. */
export function diffusionSampling(subject: string, benchCase: BenchCase): Workload {
  const { size, batch } = benchCase;
  const built = buildDenoiser(subject, benchCase);
  const denoiser = new CompiledDenoiser(built.network);
  const method = { kind: "ddim", steps: DDIM_STEPS } as const;
  const schedule = samplingSchedule(SCHEDULE.name, SCHEDULE.steps, method);
  const seeds = Array.from({ length: batch }, (_, i) => i);
  const networks = new Map([["network", built]] as const);
  const run = (): void => {
    const shape = { size, channels: SLICE_CHANNELS, seeds, rng: Rng.fromSeed(1) };
    const images = sampleDiffusion({ denoiser, schedule, target: "noise", method, ...shape });
    roundedDown(images.dataSync());
    images.dispose();
  };
  return {
    networks,
    parameters: parametersOf(networks),
    images: batch,
    kinds: [{ name: "batch", share: 1, run }],
    dispose: () => {
      denoiser.dispose();
      disposeNetworks(networks);
    },
  };
}
