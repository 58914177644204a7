import { fromFloat32, type StoredTensor } from "../../storage/safetensors";
import { layerNames, type NamePair } from "../growing/growing-names";
import type { FixedValues, NameMap } from "../weights/reference-weights";
import { mappingNames, modulated } from "../stylegan2/stylegan2-names";
import type { Stylegan3GeneratorConfig } from "./stylegan3-generator";
import { planFilters, planSignals } from "./stylegan3-layers";
import { plain, type LayoutOf } from "../weights/torch-layout";

/** The names of the generator's parameters in NVlabs' stylegan3, and what that stores besides. */

/** Transposed convolutions that stand for padded ones: [K, C, h, w] there, [h, w, K, C] turned round here. */
const turnedConvolution: LayoutOf = ([height = 0, width = 0, out = 0, inner = 0]) => ({
  stored: [out, inner, height, width],
  axes: [2, 3, 0, 1],
  flipped: [2, 3],
});

/** Variables and buffers of `Generator`. */
export function stylegan3GeneratorNames(config: Stylegan3GeneratorConfig): NameMap {
  const input = "synthesis.input";
  const layout = config.kernelSize === 1 ? undefined : turnedConvolution;
  const pairs: NamePair[] = [
    ...mappingNames(config.mapping),
    ["input/kernel", `${input}.weight`],
    ...layerNames("input/affine", `${input}.affine`),
    ["input/frequencies", { name: `${input}.freqs`, layout: plain }],
    ["input/phases", `${input}.phases`],
    ...moduleNames(config).flatMap((name, i) =>
      i < config.layers ? layer(`layer${i}`, name, layout) : layer("toImage", name),
    ),
  ];
  return new Map(pairs);
}

/** Filters and the identity transform that `Generator` keeps among its buffers. */
export function stylegan3GeneratorFilters(config: Stylegan3GeneratorConfig): FixedValues {
  const { layers, criticalLayers, radialFilters } = config;
  const identity = fromFloat32(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3]);
  const fixed = new Map<string, StoredTensor>([["synthesis.input.transform", identity]]);
  const signals = planSignals(config);
  const names = moduleNames(config);
  for (let i = 0; i < layers; i++) {
    const [from, to] = [signals[Math.max(i - 1, 0)], signals[i]];
    if (from === undefined || to === undefined) throw new RangeError(`there is no layer ${i}`);
    const { before, after } = planFilters(config, from, to, radialFilters && i < layers - criticalLayers);
    if (before.taps.length > 1) {
      const taps = Float32Array.from(before.taps, (tap) => tap / before.up);
      fixed.set(`${names[i]}.up_filter`, fromFloat32(taps, [taps.length]));
    }
    const down = "radial" in after ? after.radial : after.taps;
    if (down.length > 1)
      fixed.set(
        `${names[i]}.down_filter`,
        fromFloat32(Float32Array.from(down), "radial" in after ? [after.side, after.side] : [down.length]),
      );
  }
  return fixed;
}

function layer(path: string, name: string, layout?: LayoutOf): NamePair[] {
  return [
    ...modulated(path, name, layout),
    [`${path}/bias`, `${name}.bias`],
    [`${path}/magnitude`, `${name}.magnitude_ema`],
  ];
}

/** The reference names a layer after its number, the size and the channels of its result. */
function moduleNames(config: Stylegan3GeneratorConfig): string[] {
  return planSignals(config).map(({ size, channels }, i) => `synthesis.L${i}_${size}_${channels}`);
}
