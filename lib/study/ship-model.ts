import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Params } from "../models/params";
import { DiffusionUNet } from "../models/diffusion/diffusion-unet";
import { readNetwork, writeNetwork } from "../models/weights/network-file";
import { shippedWeights, ZOO, type ModelCard } from "../models/weights/shipped-model";
import { explainFileError, InputError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { sha256 } from "../storage/content-hash";
import type { Study } from "./study";

/**
 * Puts the diffusion model that a run has trained among the models that come with the project: averaged
 * weights in half precision, their card and the log of their training.
 *
 * @returns The folder.
 * @throws InputError if the run took shipped weights itself.
 */
export async function shipModel(study: Study, name: string): Promise<string> {
  const diffusion = await study.diffusion();
  if (diffusion.result.weights !== "trained")
    throw new InputError(
      `profile ${study.profile.name}`,
      "takes shipped weights",
      "Choose a profile that trains",
    );
  const folder = join(ZOO, name);
  const { network } = study.profile.diffusion;
  const params = new Params(study.context.rng);
  new DiffusionUNet(params, network);
  readNetwork(join(diffusion.folder, "weights.safetensors"), params);
  try {
    mkdirSync(folder, { recursive: true });
    writeNetwork(shippedWeights(folder), params, { kind: "diffusion-unet", config: network }, "float16");
    copyFileSync(join(diffusion.folder, "log.jsonl"), join(folder, "log.jsonl"));
  } catch (error) {
    throw explainFileError(folder, error);
  } finally {
    params.dispose();
  }
  const card: ModelCard = {
    sha256: sha256(readFileSync(shippedWeights(folder))),
    imagesSeen: diffusion.result.imagesSeen,
    trainingSec: diffusion.result.trainingSec,
    trainingSlicesSha256: (await study.slices()).result.train.sha256,
    seed: study.profile.seed,
    command: `npm run reproduce -- --profile ${study.profile.name}`,
    commit: study.provenance().commit ?? "not a checkout",
  };
  writeJsonAtomic(join(folder, "card.json"), card);
  return folder;
}
