import { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import { withoutCounters } from "../models/classifiers/frozen-names";
import { Inception, INCEPTION_FEATURES, INCEPTION_SIDE } from "../models/classifiers/inception";
import { inceptionNames } from "../models/classifiers/inception-names";
import { Params } from "../models/params";
import { loadReferenceWeights } from "../models/weights/reference-weights";
import type { Sequence } from "../shape";
import { readTorchWeights } from "../storage/torch-weights";
import { requireCanonicalWeights } from "./canonical-weights";
import { CompiledFeatures } from "./compiled-features";
import type { FeatureExtractor } from "./feature-extractor";
import { asPhotographs, greyImages } from "./grey-images";

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
  await requireCanonicalWeights(weights);
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
  const compiled = new CompiledFeatures((grey) =>
    network.features(asPhotographs(grey, INCEPTION_SIDE).div(127.5).sub(1)),
  );
  return {
    name: `Inception v3 (FID), ${sequence}`,
    size: INCEPTION_FEATURES,
    canonical: true,
    features: (slices, indices) => compiled.apply(greyImages(slices, indices, sequence)),
    probabilities: (features) => network.classify(features).sub(bias).softmax() as tf.Tensor2D,
    dispose: () => {
      compiled.dispose();
      params.dispose();
      bias.dispose();
    },
  };
}
