import { DiffusionUNet, planStages } from "../models/diffusion/diffusion-unet";
import { ShapeParams } from "../models/shape-params";
import { planSignals } from "../models/stylegan3/stylegan3-layers";
import { declareDiscriminator, declareGenerator } from "./build-networks";
import type { DiffusionGeneratorConfig, GanGeneratorConfig, GeneratorConfig } from "./generator-config";

/** A part of a network: what works at one resolution. */
export interface ArchitecturePart {
  /** "mapping", "16 x 16", "down, 16 x 16": the same in networks of other widths and sizes. */
  readonly part: string;
  /** Channels that it gives, "512" or "512 to 362"; features of a mapping. */
  readonly channels: string;
  /** Trained values. */
  readonly parameters: number;
}

/** A network by its parts, from input to output. */
export interface Architecture {
  readonly network: "generator" | "discriminator" | "denoiser";
  readonly parts: readonly ArchitecturePart[];
}

/** A generator's networks by their parts, counted without allocating them. */
export function architectureOf(config: GeneratorConfig): readonly Architecture[] {
  if (config.kind === "diffusion") {
    const params = new ShapeParams();
    new DiffusionUNet(params, config.network);
    return [{ network: "denoiser", parts: gather(params, denoiserPlaces(config)) }];
  }
  const [generator, discriminator] = [new ShapeParams(), new ShapeParams()];
  declareGenerator(config, generator);
  declareDiscriminator(config, discriminator);
  return [
    { network: "generator", parts: gather(generator, generatorPlaces(config)) },
    { network: "discriminator", parts: gather(discriminator, blockPlaces(config.discriminator)) },
  ];
}

/** Where a variable belongs, by the first name of its path. */
type Places = (scope: string) => { readonly part: string; readonly channels: readonly number[] };

function gather(params: ShapeParams, places: Places): readonly ArchitecturePart[] {
  const parts = new Map<string, { channels: number[]; parameters: number }>();
  for (const [path, { size }] of params.variables) {
    const { part, channels } = places(path.slice(0, path.indexOf("/")));
    const known = parts.get(part) ?? { channels: [], parameters: 0 };
    parts.set(part, { channels: [...known.channels, ...channels], parameters: known.parameters + size });
  }
  return [...parts].map(([part, { channels, parameters }]) => ({
    part,
    channels: span(channels),
    parameters,
  }));
}

function generatorPlaces(config: GanGeneratorConfig): Places {
  if (config.kind === "progressive-gan") return blockPlaces(config.generator);
  const { mapping } = config.generator;
  const blocks = config.kind === "stylegan3" ? layerPlaces(config.generator) : blockPlaces(config.generator);
  return (scope) =>
    scope === "mapping" ? { part: "mapping", channels: [mapping.styleSize] } : blocks(scope);
}

/** Blocks named after their resolution: `block16`. */
function blockPlaces({
  channelBase,
  channelMax,
}: {
  readonly channelBase: number;
  readonly channelMax: number;
}): Places {
  return (scope) => {
    const resolution = Number(/^block(\d+)$/.exec(scope)?.[1]);
    return {
      part: squared(resolution),
      channels: [Math.min(channelMax, Math.floor(channelBase / resolution))],
    };
  };
}

/** Layers of StyleGAN 3 by their sampling rate: their images carry a margin, so sizes say less. */
function layerPlaces(
  config: Extract<GanGeneratorConfig, { readonly kind: "stylegan3" }>["generator"],
): Places {
  const signals = planSignals(config);
  return (scope) => {
    if (scope === "input") return { part: "Fourier features", channels: [signals[0]?.channels ?? 0] };
    if (scope === "toImage") return { part: "to the image", channels: [config.imageChannels] };
    const signal = signals[Number(/^layer(\d+)$/.exec(scope)?.[1])];
    if (signal === undefined) throw new Error(`${scope} is no layer of StyleGAN 3`);
    return { part: `sampled at ${squared(signal.samplingRate)}`, channels: [signal.channels] };
  };
}

/** Stages of the U-Net by their direction and resolution. */
function denoiserPlaces({ network, size }: DiffusionGeneratorConfig): Places {
  const plan = planStages(network);
  const named = new Map<string, ReturnType<Places>>();
  let level = 0;
  for (const direction of ["down", "up"] as const)
    plan[direction].forEach(({ outChannels, resampling }, i) => {
      named.set(`${direction}${i}`, {
        part: `${direction}, ${squared(size / 2 ** level)}`,
        channels: [outChannels],
      });
      if (resampling !== "none") level += resampling === "down" ? 1 : -1;
    });
  const others: Readonly<Record<string, ReturnType<Places>>> = {
    time0: { part: "time embedding", channels: [4 * network.baseChannels] },
    time1: { part: "time embedding", channels: [4 * network.baseChannels] },
    input: { part: "input", channels: [network.baseChannels] },
    middle: { part: "middle", channels: [plan.bottom] },
    out: { part: "output", channels: [network.outChannels] },
  };
  return (scope) => {
    const place = named.get(scope) ?? others[scope];
    if (place === undefined) throw new Error(`${scope} is no part of the denoiser`);
    return place;
  };
}

function squared(pixels: number): string {
  return `${pixels} x ${pixels}`;
}

/** First and last different value. */
function span(channels: readonly number[]): string {
  const [first, last] = [channels[0] ?? 0, channels.at(-1) ?? 0];
  return first === last ? String(first) : `${first} to ${last}`;
}
