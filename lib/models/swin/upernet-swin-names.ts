import type { NameMap, ReferenceParameter } from "../weights/reference-weights";
import { linear, plain } from "../weights/torch-layout";
import type { UPerNetSwinConfig } from "./upernet-swin";

/** The names of the parameters in `UperNetForSemanticSegmentation` of Hugging Face's transformers (version 5). */
export function upernetSwinNames(config: UPerNetSwinConfig): NameMap {
  const { depths } = config.backbone;
  const backbone = "backbone.swin";
  return new Map([
    ...matrix("backbone/patches", `${backbone}.embeddings.patch_embeddings.projection`),
    ...norm("backbone/patches/norm", `${backbone}.embeddings.norm`),
    ...norm("backbone/norm", `${backbone}.layernorm`),
    ...depths.flatMap((depth, stage) => stageNames(depth, stage)),
    ...decoderNames(config),
    ...convNorm("auxiliary/conv", "auxiliary_head.convs.0"),
    ...matrix("auxiliary/classifier", "auxiliary_head.classifier"),
  ]);
}

type Pair = readonly [path: string, parameter: string | ReferenceParameter];

/** The reference counts the merging of patches to the stage before. */
function stageNames(depth: number, stage: number): Pair[] {
  const [path, layers] = [`backbone/stage${stage}`, "backbone.swin.encoder.layers"];
  const merging: Pair[] =
    stage === 0
      ? []
      : [
          ...norm(`${path}/merging/norm`, `${layers}.${stage - 1}.downsample.norm`),
          [`${path}/merging/reduction/kernel`, `${layers}.${stage - 1}.downsample.reduction.weight`],
        ];
  return [
    ...merging,
    ...Array.from({ length: depth }, (_, block) =>
      blockNames(`${path}/block${block}`, `${layers}.${stage}.blocks.${block}`),
    ).flat(),
    ...norm(`${path}/norm`, `backbone.hidden_states_norms.stage${stage + 1}`),
  ];
}

function blockNames(path: string, name: string): Pair[] {
  const attention = `${name}.attention`;
  const parts = (kind: string) => ["q", "k", "v"].map((part) => `${attention}.${part}_proj.${kind}`);
  const table = `${attention}.relative_position_bias.relative_position_bias_table`;
  return [
    ...norm(`${path}/norm0`, `${name}.layernorm_before`),
    [`${path}/attention/qkv/kernel`, { name: parts("weight"), layout: linear }],
    [`${path}/attention/qkv/bias`, { name: parts("bias"), layout: plain }],
    ...matrix(`${path}/attention/projection`, `${attention}.o_proj`),
    [`${path}/attention/biasTable`, { name: table, layout: plain }],
    ...norm(`${path}/norm1`, `${name}.layernorm_after`),
    ...matrix(`${path}/mlp0`, `${name}.mlp.fc1`),
    ...matrix(`${path}/mlp1`, `${name}.mlp.fc2`),
  ];
}

function decoderNames({ poolScales, backbone }: UPerNetSwinConfig): Pair[] {
  const finer = Array.from({ length: backbone.depths.length - 1 }, (_, stage) => stage);
  return [
    ...poolScales.flatMap((_, i) => convNorm(`decoder/pool${i}`, `decode_head.psp_modules.${i}.1`)),
    ...convNorm("decoder/bottleneck", "decode_head.bottleneck"),
    ...finer.flatMap((stage) => [
      ...convNorm(`decoder/lateral${stage}`, `decode_head.lateral_convs.${stage}`),
      ...convNorm(`decoder/smoothing${stage}`, `decode_head.fpn_convs.${stage}`),
    ]),
    ...convNorm("decoder/fusion", "decode_head.fpn_bottleneck"),
    ...matrix("decoder/classifier", "decode_head.classifier"),
  ];
}

function convNorm(path: string, name: string): Pair[] {
  return [
    [`${path}/conv/kernel`, `${name}.conv.weight`],
    ...norm(`${path}/norm`, `${name}.batch_norm`),
    [`${path}/norm/mean`, `${name}.batch_norm.running_mean`],
    [`${path}/norm/variance`, `${name}.batch_norm.running_var`],
  ];
}

function matrix(path: string, name: string): Pair[] {
  return [
    [`${path}/kernel`, `${name}.weight`],
    [`${path}/bias`, `${name}.bias`],
  ];
}

function norm(path: string, name: string): Pair[] {
  return [
    [`${path}/gamma`, `${name}.weight`],
    [`${path}/beta`, `${name}.bias`],
  ];
}
