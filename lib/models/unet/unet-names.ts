import type { NameMap } from "../weights/reference-weights";
import type { UNetConfig } from "./unet";

/** One variable of a U-Net: our path, the name in the study's PyTorch code, our shape. */
export interface UNetParameter {
  readonly path: string;
  readonly referenceName: string;
  readonly shape: readonly number[];
}

/**
 * Every variable of a U-Net, in the order of their making, without making one: the study's own network has
 * 116,014,272 values.
 */
export function unetParameters(config: UNetConfig): readonly UNetParameter[] {
  const { inChannels, classes, depth, firstChannels } = config;
  const width = (level: number) => firstChannels * 2 ** level;
  const levels = Array.from({ length: depth }, (_, level) => level);
  const decoder = levels.slice(0, -1).reverse();
  return [
    ...levels.flatMap((level) => {
      const from = level === 0 ? inChannels : width(level - 1);
      return block(`down${level}`, `down_path.${level}`, from, width(level));
    }),
    ...decoder.flatMap((level, i) => [
      ...conv(`up${i}/conv`, `up_path.${i}.up.1`, 1, width(level + 1), width(level)),
      ...block(`up${i}/block`, `up_path.${i}.conv_block`, width(level + 1), width(level)),
    ]),
    ...decoder.map((level, i) => ({
      path: `head${i}/kernel`,
      // All heads but the last are followed by an enlargement, which makes each the first of a list.
      referenceName: `output_layers.${i}${level > 0 ? ".0" : ""}.weight`,
      shape: [1, 1, width(level), classes],
    })),
  ];
}

/** For each variable's path, its name in the study's code. */
export function studyUnetNames(config: UNetConfig): NameMap {
  return new Map(unetParameters(config).map(({ path, referenceName }) => [path, referenceName]));
}

/** The number of trained values of a U-Net. */
export function unetParameterCount(config: UNetConfig): number {
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  return unetParameters(config).reduce((sum, { shape }) => sum + size(shape), 0);
}

/** A block is listed in the reference as conv, rectifier, norm, conv, rectifier, norm. */
function block(path: string, name: string, inChannels: number, outChannels: number): UNetParameter[] {
  return [inChannels, outChannels].flatMap((channels, i) => [
    ...conv(`${path}/conv${i}`, `${name}.block.${3 * i}`, 3, channels, outChannels),
    {
      path: `${path}/norm${i}/gamma`,
      referenceName: `${name}.block.${3 * i + 2}.weight`,
      shape: [outChannels],
    },
    { path: `${path}/norm${i}/beta`, referenceName: `${name}.block.${3 * i + 2}.bias`, shape: [outChannels] },
  ]);
}

function conv(path: string, name: string, side: number, from: number, to: number): UNetParameter[] {
  return [
    { path: `${path}/kernel`, referenceName: `${name}.weight`, shape: [side, side, from, to] },
    { path: `${path}/bias`, referenceName: `${name}.bias`, shape: [to] },
  ];
}
