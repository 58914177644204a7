import { fromFloat32 } from "../../storage/safetensors";
import { channelsAt, FIRST_RESOLUTION, levelResolutions } from "../growing/growing";
import {
  enlargingFirst,
  enlargingWithin,
  growingDiscriminatorNames,
  kernelName,
  layerNames,
  type NamePair,
} from "../growing/growing-names";
import { blurTaps } from "../layers/blur";
import type { FixedValues, NameMap, ReferenceParameter } from "../weights/reference-weights";
import type { Stylegan1Config } from "./stylegan1-generator";
import { featureMaps } from "../weights/torch-layout";

/** The names of both networks' parameters in GenForce's PyTorch port of StyleGAN, and what that stores besides. */

/** From this resolution on, the reference enlarges within its convolutions (`fused_scale` "auto"). */
const FUSED_FROM = 128;

/** Variables and buffers of `StyleGANGenerator`. */
export function stylegan1GeneratorNames(config: Stylegan1Config): NameMap {
  const mapping = Array.from({ length: config.mapping.layers }, (_, i) =>
    layerNames(`mapping/dense${i}`, `mapping.dense${i}`),
  );
  const levels = levelResolutions(config).flatMap((side, i): NamePair[] => {
    const path = `block${side}`;
    const [first, second] = [`synthesis.layer${2 * i}`, `synthesis.layer${2 * i + 1}`];
    const start: NamePair[] =
      side === FIRST_RESOLUTION
        ? [
            [`${path}/constant/values`, { name: `${first}.const`, layout: featureMaps }],
            ...styledNames(`${path}/constant`, first),
          ]
        : [
            kernelName(`${path}/conv0`, first, side < FUSED_FROM ? enlargingFirst : enlargingWithin),
            ...styledNames(`${path}/conv0`, first),
          ];
    return [
      ...start,
      kernelName(`${path}/conv1`, second),
      ...styledNames(`${path}/conv1`, second),
      ...layerNames(`${path}/toImage`, `synthesis.output${i}`),
    ];
  });
  return new Map<string, string | ReferenceParameter>([
    ["lod", "synthesis.lod"],
    ["mapping/mean", "truncation.w_avg"],
    ...mapping.flat(),
    ...levels,
  ]);
}

/** The low-pass filters that `StyleGANGenerator` keeps among its buffers. */
export function stylegan1GeneratorFilters(config: Stylegan1Config): FixedValues {
  const enlarging = levelResolutions(config).flatMap((side, i) =>
    side === FIRST_RESOLUTION ? [] : [[`synthesis.layer${2 * i}`, channelsAt(config, side)] as const],
  );
  return filtersOf(enlarging);
}

/** Variables and buffers of `StyleGANDiscriminator`. */
export const stylegan1DiscriminatorNames: (config: Stylegan1Config) => NameMap = growingDiscriminatorNames;

/** The low-pass filters that `StyleGANDiscriminator` keeps among its buffers. */
export function stylegan1DiscriminatorFilters(config: Stylegan1Config): FixedValues {
  const halving = levelResolutions(config)
    .reverse()
    .flatMap((side, i) =>
      side === FIRST_RESOLUTION ? [] : [[`layer${2 * i + 1}`, channelsAt(config, side)] as const],
    );
  return filtersOf(halving);
}

/** What follows a convolution: bias, noise and style. */
function styledNames(path: string, name: string): NamePair[] {
  return [
    [`${path}/bias`, `${name}.bias`],
    [`${path}/noiseStrength`, `${name}.apply_noise.weight`],
    [`${path}/noise`, { name: `${name}.apply_noise.noise`, layout: featureMaps }],
    ...layerNames(`${path}/style`, `${name}.style`),
  ];
}

/** `blur.kernel` of each of the named layers, once a channel. */
function filtersOf(layers: readonly (readonly [name: string, channels: number])[]): FixedValues {
  return new Map(
    layers.map(([name, channels]) => {
      const values = Array.from({ length: channels }, blurTaps).flat();
      return [`${name}.blur.kernel`, fromFloat32(Float32Array.from(values), [channels, 1, 3, 3])];
    }),
  );
}
