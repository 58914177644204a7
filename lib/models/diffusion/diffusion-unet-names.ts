import { planStages, type DiffusionUNetConfig, type StagePlan } from "./diffusion-unet";
import type { NameMap, ReferenceParameter } from "../weights/reference-weights";
import { pointwise } from "../weights/torch-layout";

/** The reference's names of the parameters of a diffusion U-Net, `UNetModel` of guided-diffusion. */
export function guidedDiffusionNames(config: DiffusionUNetConfig): NameMap {
  const { down, up } = planStages(config);
  const pairs: Pair[] = [
    ...matrix("time0", "time_embed.0"),
    ...matrix("time1", "time_embed.2"),
    ...matrix("input", "input_blocks.0.0"),
    ...down.flatMap((stage, i) => stageNames(`down${i}`, `input_blocks.${i + 1}`, stage)),
    ...residual("middle/block0", "middle_block.0", false),
    ...attention("middle/attention", "middle_block.1"),
    ...residual("middle/block1", "middle_block.2", false),
    ...up.flatMap((stage, i) => stageNames(`up${i}`, `output_blocks.${i}`, stage)),
    ...norm("out/norm", "out.0"),
    ...matrix("out/conv", "out.2"),
  ];
  return new Map(pairs);
}

type Pair = readonly [path: string, name: string | ReferenceParameter];

/** The parts of a stage are numbered in the reference in the order in which they are there. */
function stageNames(path: string, name: string, stage: StagePlan): Pair[] {
  const pairs: Pair[] = [];
  let part = 0;
  if (stage.residual)
    pairs.push(...residual(`${path}/block`, `${name}.${part++}`, stage.inChannels !== stage.outChannels));
  if (stage.attention) pairs.push(...attention(`${path}/attention`, `${name}.${part++}`));
  if (stage.resampling !== "none")
    pairs.push(
      ...matrix(`${path}/resample`, `${name}.${part}.${stage.resampling === "down" ? "op" : "conv"}`),
    );
  return pairs;
}

function residual(path: string, name: string, hasSkip: boolean): Pair[] {
  return [
    ...norm(`${path}/norm0`, `${name}.in_layers.0`),
    ...matrix(`${path}/conv0`, `${name}.in_layers.2`),
    ...matrix(`${path}/time`, `${name}.emb_layers.1`),
    ...norm(`${path}/norm1`, `${name}.out_layers.0`),
    ...matrix(`${path}/conv1`, `${name}.out_layers.3`),
    ...(hasSkip ? matrix(`${path}/skip`, `${name}.skip_connection`) : []),
  ];
}

function attention(path: string, name: string): Pair[] {
  return [
    ...norm(`${path}/norm`, `${name}.norm`),
    ...pixelwise(`${path}/qkv`, `${name}.qkv`),
    ...pixelwise(`${path}/projection`, `${name}.proj_out`),
  ];
}

function matrix(path: string, name: string): Pair[] {
  return [
    [`${path}/kernel`, `${name}.weight`],
    [`${path}/bias`, `${name}.bias`],
  ];
}

/** A linear layer over pixels: in the reference a convolution along one axis. */
function pixelwise(path: string, name: string): Pair[] {
  return [
    [`${path}/kernel`, { name: `${name}.weight`, layout: pointwise }],
    [`${path}/bias`, `${name}.bias`],
  ];
}

function norm(path: string, name: string): Pair[] {
  return [
    [`${path}/gamma`, `${name}.weight`],
    [`${path}/beta`, `${name}.bias`],
  ];
}
