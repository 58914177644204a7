import { FIRST_RESOLUTION, levelResolutions } from "../growing/growing";
import {
  enlargingFirst,
  growingDiscriminatorNames,
  layerNames,
  LOD_NAME,
  type NamePair,
} from "../growing/growing-names";
import type { ProgressiveGanConfig } from "./progressive-gan-generator";
import type { NameMap, ReferenceParameter } from "../weights/reference-weights";
import type { LayoutOf } from "../weights/torch-layout";

/** The names of both networks' parameters in GenForce's PyTorch port of progressive GAN. */

/** Variables and buffers of `PGGANGenerator`. */
export function progressiveGanGeneratorNames(config: ProgressiveGanConfig): NameMap {
  const enlarging = config.fusedScale ? transposedConvolution : enlargingFirst;
  const pairs = levelResolutions(config).flatMap((side, i): NamePair[] => {
    const path = `block${side}`;
    const coarsest = side === FIRST_RESOLUTION;
    const start = coarsest
      ? layerNames(`${path}/dense`, `layer${2 * i}`, latentToMaps)
      : layerNames(`${path}/conv0`, `layer${2 * i}`, enlarging);
    return [
      ...start,
      ...layerNames(coarsest ? `${path}/conv` : `${path}/conv1`, `layer${2 * i + 1}`),
      ...layerNames(`${path}/toImage`, `output${i}`),
    ];
  });
  return new Map<string, string | ReferenceParameter>([LOD_NAME, ...pairs]);
}

/** Variables and buffers of `PGGANDiscriminator`. */
export const progressiveGanDiscriminatorNames: (config: ProgressiveGanConfig) => NameMap =
  growingDiscriminatorNames;

/** Kernels of PyTorch's transposed convolutions: [C, K, h, w] there, [h, w, K, C] here. */
const transposedConvolution: LayoutOf = ([height = 0, width = 0, out = 0, inner = 0]) => ({
  stored: [inner, out, height, width],
  axes: [2, 3, 1, 0],
});

/** The first layer, a padded convolution of a 1x1 image there: [K, C, 4, 4], flipped; [C, 16 K] here. */
const latentToMaps: LayoutOf = ([inner = 0, features = 0]) => ({
  stored: [features / FIRST_RESOLUTION ** 2, inner, FIRST_RESOLUTION, FIRST_RESOLUTION],
  axes: [1, 2, 3, 0],
  flipped: [2, 3],
});
