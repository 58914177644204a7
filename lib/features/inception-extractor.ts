import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { withoutCounters } from "../models/classifiers/frozen-names";
import { Inception, INCEPTION_FEATURES, INCEPTION_SIDE } from "../models/classifiers/inception";
import { inceptionNames } from "../models/classifiers/inception-names";
import { Params } from "../models/params";
import { loadReferenceWeights } from "../models/weights/reference-weights";
import { sha256OfFile } from "../setup/file-record";
import { FOLDER } from "../setup/manifest";
import type { Sequence } from "../shape";
import { readTorchWeights } from "../storage/torch-weights";
import type { FeatureExtractor } from "./feature-extractor";
import { greyImages } from "./grey-images";

/** `data-manifests/inception-fid.json`: the file that defines FID, which no package index carries. */
const manifestSchema = z.object({ file: z.string(), source: z.string(), sha256: z.string() });

/**
 * The canonical network of FID and Inception score, looking at one sequence: 2,048 features. It is canonical
 * with the one file of weights that the manifest names.
 *
 * Class probabilities are of the logits without bias, as in the code that defined the Inception score.
 *
 * @param options.weights The user's copy of that file.
 * @throws InputError if it is missing or another file.
 */
export async function inceptionExtractor({
  sequence,
  weights,
}: {
  readonly sequence: Sequence;
  readonly weights: string;
}): Promise<FeatureExtractor> {
  const tensors = await readTorchWeights(weights);
  await requireCanonical(weights);
  const params = new Params(Rng.fromSeed(0));
  const network = new Inception(params);
  try {
    loadReferenceWeights(params, inceptionNames(), withoutCounters(tensors));
  } catch (error) {
    params.dispose();
    throw error instanceof InputError ? new InputError(weights, error.message) : error;
  }
  // What the classifier says of nothing is its bias.
  const bias = tf.tidy(() => network.classify(tf.zeros([1, INCEPTION_FEATURES])));
  return {
    name: `Inception v3 (FID), ${sequence}`,
    size: INCEPTION_FEATURES,
    canonical: true,
    features: (slices, indices) =>
      network.features(greyImages(slices, indices, sequence, INCEPTION_SIDE).div(127.5).sub(1)),
    probabilities: (features) => network.classify(features).sub(bias).softmax() as tf.Tensor2D,
    dispose: () => {
      params.dispose();
      bias.dispose();
    },
  };
}

async function requireCanonical(path: string): Promise<void> {
  const text = readFileSync(join(FOLDER, "inception-fid.json"), "utf8");
  const { file, source, sha256 } = manifestSchema.parse(JSON.parse(text));
  if ((await sha256OfFile(path)) !== sha256)
    throw new InputError(path, `is not ${file} (SHA-256 ${sha256})`, `Get it from ${source}`);
}
