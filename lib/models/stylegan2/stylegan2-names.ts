import { fromFloat32, type StoredTensor } from "../../storage/safetensors";
import { FIRST_RESOLUTION, levelResolutions, type PyramidConfig } from "../growing/growing";
import { enlargingWithin, kernelName, layerNames, type NamePair } from "../growing/growing-names";
import type { MappingConfig } from "../layers/mapping-network";
import type { FixedValues, NameMap } from "../weights/reference-weights";
import { RESAMPLING_TAPS, type Architecture } from "./stylegan2";
import type { Stylegan2DiscriminatorConfig } from "./stylegan2-discriminator";
import type { Stylegan2GeneratorConfig } from "./stylegan2-generator";
import { featureMap, linearOfImage, plain, type LayoutOf } from "../weights/torch-layout";

/** The names of a network's parameters in NVlabs' stylegan3, and what that stores besides. */

/** Variables and buffers of `Generator`. */
export function stylegan2GeneratorNames(config: Stylegan2GeneratorConfig): NameMap {
  const pairs: NamePair[] = mappingNames(config.mapping);
  for (const block of blocks(config)) {
    const path = `block${block.size}`;
    const name = `synthesis.b${block.size}`;
    if (block.coarsest) pairs.push([`${path}/constant`, { name: `${name}.const`, layout: featureMap }]);
    else pairs.push(...styledConv(`${path}/conv0`, `${name}.conv0`, config, enlargingWithin));
    pairs.push(...styledConv(`${path}/conv1`, `${name}.conv1`, config));
    if (block.finest || config.architecture === "skip")
      pairs.push(...modulated(`${path}/toImage`, `${name}.torgb`), [
        `${path}/toImage/bias`,
        `${name}.torgb.bias`,
      ]);
    if (!block.coarsest && config.architecture === "resnet")
      pairs.push([`${path}/skip/kernel`, `${name}.skip.weight`]);
  }
  return new Map(pairs);
}

/** The low-pass filters that `Generator` keeps among its buffers. */
export function stylegan2GeneratorFilters(config: Stylegan2GeneratorConfig): FixedValues {
  const names = blocks(config).flatMap(({ size, coarsest }) => {
    const name = `synthesis.b${size}`;
    const convs = coarsest ? ["conv1"] : ["conv0", "conv1"];
    const skip = !coarsest && config.architecture === "resnet" ? ["skip"] : [];
    return [name, ...[...convs, ...skip].map((layer) => `${name}.${layer}`)];
  });
  return filtersOf(names);
}

/** Variables of `Discriminator`. */
export function stylegan2DiscriminatorNames(config: Stylegan2DiscriminatorConfig): NameMap {
  const pairs: NamePair[] = [];
  for (const { size, coarsest, finest } of blocks(config)) {
    for (const layer of discriminatorLayers(config.architecture, { coarsest, finest })) {
      const [path, name] = [`block${size}/${layer.path}`, `b${size}.${layer.name}`];
      pairs.push([`${path}/kernel`, `${name}.weight`]);
      if (layer.name !== "skip") pairs.push([`${path}/bias`, `${name}.bias`]);
    }
    if (!coarsest) continue;
    const flattened = { name: `b${size}.fc.weight`, layout: linearOfImage(size, size) };
    pairs.push([`block${size}/dense/kernel`, flattened], [`block${size}/dense/bias`, `b${size}.fc.bias`]);
    pairs.push(...layerNames(`block${size}/out`, `b${size}.out`));
  }
  return new Map(pairs);
}

/** The low-pass filters that `Discriminator` keeps among its buffers. */
export function stylegan2DiscriminatorFilters(config: Stylegan2DiscriminatorConfig): FixedValues {
  const names = blocks(config).flatMap(({ size, coarsest, finest }) => {
    const layers = discriminatorLayers(config.architecture, { coarsest, finest });
    const own = layers.map((layer) => `b${size}.${layer.name}`);
    return coarsest ? own : [`b${size}`, ...own];
  });
  return filtersOf(names);
}

/** Names of a mapping network of StyleGAN 2 or 3. */
export function mappingNames({ layers }: MappingConfig): NamePair[] {
  const pairs = Array.from({ length: layers }, (_, i) => layerNames(`mapping/dense${i}`, `mapping.fc${i}`));
  return [...pairs.flat(), ["mapping/mean", "mapping.w_avg"]];
}

/** Names of a modulated convolution. */
export function modulated(path: string, name: string, layout?: LayoutOf): NamePair[] {
  return [...layerNames(`${path}/affine`, `${name}.affine`), kernelName(path, name, layout)];
}

function styledConv(
  path: string,
  name: string,
  { noiseInputs }: Stylegan2GeneratorConfig,
  layout?: LayoutOf,
): NamePair[] {
  const noise: NamePair[] = [
    [`${path}/noiseStrength`, `${name}.noise_strength`],
    [`${path}/noise`, { name: `${name}.noise_const`, layout: plain }],
  ];
  return [...modulated(path, name, layout), [`${path}/bias`, `${name}.bias`], ...(noiseInputs ? noise : [])];
}

/** The convolutions of one block of the discriminator. */
function discriminatorLayers(
  architecture: Architecture,
  { coarsest, finest }: { readonly coarsest: boolean; readonly finest: boolean },
): { readonly path: string; readonly name: string }[] {
  const seesImage = finest || architecture === "skip";
  const names = coarsest ? ["conv"] : ["conv0", "conv1", ...(architecture === "resnet" ? ["skip"] : [])];
  const layers = names.map((name) => ({ path: name, name }));
  return seesImage ? [{ path: "fromImage", name: "fromrgb" }, ...layers] : layers;
}

function blocks(config: PyramidConfig): { size: number; coarsest: boolean; finest: boolean }[] {
  const sizes = levelResolutions(config);
  return sizes.map((size, i) => ({
    size,
    coarsest: size === FIRST_RESOLUTION,
    finest: i === sizes.length - 1,
  }));
}

/** `resample_filter` of each of the named modules: the outer product of the taps, of sum 1. */
function filtersOf(modules: readonly string[]): FixedValues {
  const sum = RESAMPLING_TAPS.reduce((total, tap) => total + tap, 0);
  const values = RESAMPLING_TAPS.flatMap((a) => RESAMPLING_TAPS.map((b) => (a * b) / sum ** 2));
  const side = RESAMPLING_TAPS.length;
  const filter: StoredTensor = fromFloat32(Float32Array.from(values), [side, side]);
  return new Map(modules.map((name) => [`${name}.resample_filter`, filter]));
}
