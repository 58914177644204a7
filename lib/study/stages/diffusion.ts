import { join } from "node:path";
import { z } from "zod";
import type { SliceSet } from "../../data/slice-set";
import { DiffusionUNet } from "../../models/diffusion/diffusion-unet";
import { readNetwork, writeNetwork } from "../../models/weights/network-file";
import { Params } from "../../models/params";
import { readShippedModel, shippedWeights } from "../../models/weights/shipped-model";
import { RunLog, type LogLine } from "../../training/loop/run-log";
import { trainDiffusion } from "../../training/diffusion/train-diffusion";
import { runStage, type Finished, type StageResult, type StudyContext } from "../stage";
import type { StageProgress } from "../progress";
import { loopOptions } from "../training-options";
import type { SlicesResult } from "./slices";

const WEIGHTS = "weights.safetensors";

const schema = z.object({
  /** "trained" in this run, or "shipped" with the project. */
  weights: z.enum(["trained", "shipped"]),
  parameters: z.number(),
  imagesSeen: z.number(),
  imagesPerSec: z.number(),
  /** Training time of the weights, wherever they were trained. */
  trainingSec: z.number(),
  finalLoss: z.number(),
  /** Whether the weights were trained on exactly the training slices of this run. */
  sameTrainingSlices: z.boolean(),
});
export type DiffusionResult = z.infer<typeof schema>;

/** Trains the diffusion model on the training subjects' slices, or takes the shipped weights. */
export async function diffusionStage(
  context: StudyContext,
  slices: StageResult<SlicesResult>,
  train: SliceSet,
): Promise<StageResult<DiffusionResult>> {
  const { profile } = context;
  const { diffusion: config, generatorWeights: weights, seed } = profile;
  const shipped = weights === "shipped" ? readShippedModel("diffusion-32") : undefined;
  return runStage<DiffusionResult>(context, {
    name: "diffusion",
    title: shipped === undefined ? "Training the diffusion model" : "Taking the shipped diffusion model",
    settings: { config, seed, weights: shipped?.sha256 ?? "trained" },
    inputs: { slices },
    schema,
    files: [WEIGHTS],
    run: (folder, report) =>
      shipped === undefined
        ? trainHere(context, slices, train, folder, report)
        : Promise.resolve(takeShipped(context, shipped, slices.result.train.sha256, folder)),
  });
}

async function trainHere(
  context: StudyContext,
  slices: StageResult<SlicesResult>,
  train: SliceSet,
  folder: string,
  report: (progress: Omit<StageProgress, "label">) => void,
): Promise<Finished<DiffusionResult>> {
  const { profile, rng } = context;
  const { diffusion: config, seed } = profile;
  const { params, outcome } = await trainDiffusion({
    config,
    slices: train,
    folder,
    configHash: JSON.stringify([slices.key, config, seed]),
    rng: rng.fork("diffusion"),
    loop: loopOptions(context, report),
  });
  writeNetwork(join(folder, WEIGHTS), params, { kind: "diffusion-unet", config: config.network });
  const result: DiffusionResult = {
    weights: "trained",
    parameters: params.count,
    imagesSeen: outcome.imagesSeen,
    imagesPerSec: outcome.imagesSeen / outcome.durationSec,
    trainingSec: outcome.durationSec,
    finalLoss: new RunLog(folder).read().at(-1)?.loss ?? Number.NaN,
    sameTrainingSlices: true,
  };
  params.dispose();
  return { result, durationSec: outcome.durationSec };
}

function takeShipped(
  context: StudyContext,
  { card, folder: zoo, log }: ReturnType<typeof readShippedModel>,
  trainingSlicesSha256: string,
  folder: string,
): Finished<DiffusionResult> {
  const { network } = context.profile.diffusion;
  const params = new Params(context.rng);
  new DiffusionUNet(params, network);
  readNetwork(shippedWeights(zoo), params);
  writeNetwork(join(folder, WEIGHTS), params, { kind: "diffusion-unet", config: network });
  const runLog = new RunLog(folder);
  runLog.truncateAfter(0);
  for (const line of log) runLog.append(line);
  const { imagesSeen, trainingSec } = card;
  const result: DiffusionResult = {
    weights: "shipped",
    parameters: params.count,
    imagesSeen,
    imagesPerSec: imagesSeen / trainingSec,
    trainingSec,
    finalLoss: log.at(-1)?.loss ?? Number.NaN,
    sameTrainingSlices: card.trainingSlicesSha256 === trainingSlicesSha256,
  };
  params.dispose();
  return { result };
}

/** The trained network with its averaged weights; the caller disposes the parameters. */
export function readDiffusion(
  context: StudyContext,
  { folder }: { readonly folder: string },
): { readonly network: DiffusionUNet; readonly params: Params } {
  const params = new Params(context.rng);
  const network = new DiffusionUNet(params, context.profile.diffusion.network);
  readNetwork(join(folder, WEIGHTS), params);
  return { network, params };
}

/** Loss and speed over the training. */
export function readTrainingLog({ folder }: { readonly folder: string }): readonly LogLine[] {
  return new RunLog(folder).read();
}
