import { Rng } from "../../backend/rng";
import { CompiledFeatures } from "../../features/compiled-features";
import { asPhotographs, greyImages } from "../../features/grey-images";
import { EFFICIENTNET_SIDE, EfficientNetLite0 } from "../../models/classifiers/efficientnet-lite";
import { efficientnetNames } from "../../models/classifiers/efficientnet-lite-names";
import { Params } from "../../models/params";
import { toReferenceWeights } from "../../models/weights/reference-weights";
import { readerOf } from "../../training/segmentation/segmentation-slices";
import type { BenchCase } from "../bench-case";
import { noiseSlices } from "../bench-slices";
import { disposeNetworks, parametersOf, type Workload, type WorkloadNetworks } from "../workload";

/** Features of a batch of slices by EfficientNet-Lite0, from grey values to numbers; its weights are its first ones. */
export function featureExtraction({ size, batch }: BenchCase): Workload {
  const params = new Params(Rng.fromSeed(1));
  const network = new EfficientNetLite0(params);
  const networks: WorkloadNetworks = new Map([
    [
      "network",
      {
        config: {},
        network,
        params,
        run: () => [],
        toReference: () => toReferenceWeights(params, efficientnetNames()),
      },
    ],
  ]);
  const slices = readerOf(noiseSlices(size, batch, Rng.fromSeed(1)));
  const indices = Int32Array.from({ length: batch }, (_, i) => i);
  const compiled = new CompiledFeatures((grey) =>
    network.features(asPhotographs(grey, EFFICIENTNET_SIDE).sub(127).div(128)),
  );
  const run = (): void => {
    const features = compiled.apply(greyImages(slices, indices, "t1wGd"));
    features.dataSync();
    features.dispose();
  };
  return {
    networks,
    parameters: parametersOf(networks),
    images: batch,
    kinds: [{ name: "batch", share: 1, run }],
    dispose: () => {
      compiled.dispose();
      disposeNetworks(networks);
    },
  };
}
