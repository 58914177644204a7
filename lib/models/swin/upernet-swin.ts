import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { resizeBilinear } from "../layers/bilinear";
import { ConvNorm } from "../layers/conv-norm";
import { Conv2d } from "../layers/convolution";
import type { Params } from "../params";
import { PyramidPooling } from "./pyramid-pooling";
import { Swin, type SwinConfig } from "./swin";

/** Settings of UPerNet on Swin, in the reference's terms. */
export interface UPerNetSwinConfig {
  readonly backbone: SwinConfig;
  /** Classes, background included. */
  readonly classes: number;
  /** Channels of the decoder. */
  readonly headChannels: number;
  /** Cells a side to which the last stage is averaged. */
  readonly poolScales: readonly number[];
  /** Channels of the auxiliary head. */
  readonly auxiliaryChannels: number;
  /** Share of the channels left out before each classifier in training. */
  readonly headDropout: number;
}

/** The stage that the auxiliary head sees, from 0. */
const AUXILIARY_STAGE = 2;

/** Swin-B with UPerNet as the study trained it, with MMSegmentation's values where the study says nothing. */
export const STUDY_SWIN = {
  backbone: {
    inChannels: 4,
    patchSize: 4,
    embedding: 128,
    depths: [2, 2, 18, 2],
    heads: [4, 8, 16, 32],
    windowSize: 7,
    mlpRatio: 4,
    dropPath: 0.3,
  },
  classes: 4,
  headChannels: 512,
  poolScales: [1, 2, 3, 6],
  auxiliaryChannels: 256,
  headDropout: 0.1,
} as const satisfies UPerNetSwinConfig;

/**
 * UPerNet on a Swin transformer: the last stage with its averages over coarse cells, joined downwards with the
 * finer stages, and an auxiliary head on the third.
 *
 * @see Xiao et al. 2018, arXiv 1807.10221; `UperNetForSemanticSegmentation` of Hugging Face's transformers.
 */
export class UPerNetSwin {
  private readonly backbone: Swin;
  private readonly decoder: Decoder;
  private readonly auxiliary: AuxiliaryHead;

  constructor(
    params: Params,
    readonly config: UPerNetSwinConfig,
  ) {
    if (config.backbone.depths.length <= AUXILIARY_STAGE)
      throw new RangeError(`the auxiliary head needs ${AUXILIARY_STAGE + 1} stages`);
    this.backbone = new Swin(params.scope("backbone"), config.backbone);
    this.decoder = new Decoder(params.scope("decoder"), config);
    this.auxiliary = new AuxiliaryHead(params.scope("auxiliary"), config);
  }

  /**
   * @param image [N, H, W, C], of any size.
   * @param rng Given in training: batch statistics, dropout and left-out branches are then in use, and running
   * statistics move.
   * @returns Logits of the decoder and of the auxiliary head, [N, H, W, classes] each.
   */
  apply(image: tf.Tensor4D, rng?: Rng): [tf.Tensor4D, tf.Tensor4D] {
    const [, height, width] = image.shape;
    return tf.tidy(() => {
      const features = this.backbone.apply(image, rng?.fork("backbone"));
      return [
        resizeBilinear(this.decoder.apply(features, rng?.fork("decoder")), [height, width]),
        resizeBilinear(this.auxiliary.apply(features, rng?.fork("auxiliary")), [height, width]),
      ];
    });
  }

  /** @returns The decoder's logits alone, [N, H, W, classes]: what a prediction needs. */
  predict(image: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = image.shape;
    return tf.tidy(() => resizeBilinear(this.decoder.apply(this.backbone.apply(image)), [height, width]));
  }
}

class Decoder {
  private readonly pooling: PyramidPooling;
  private readonly bottleneck: ConvNorm;
  private readonly laterals: readonly ConvNorm[];
  private readonly smoothing: readonly ConvNorm[];
  private readonly fusion: ConvNorm;
  private readonly classifier: Classifier;

  constructor(params: Params, config: UPerNetSwinConfig) {
    const { headChannels: channels, poolScales: scales, backbone } = config;
    const stages = backbone.depths.length;
    const width = (stage: number) => backbone.embedding * 2 ** stage;
    this.pooling = new PyramidPooling(params, { inChannels: width(stages - 1), channels, scales });
    const joined = width(stages - 1) + scales.length * channels;
    this.bottleneck = new ConvNorm(params.scope("bottleneck"), joined, channels, 3);
    const finer = Array.from({ length: stages - 1 }, (_, stage) => stage);
    this.laterals = finer.map(
      (stage) => new ConvNorm(params.scope(`lateral${stage}`), width(stage), channels, 1),
    );
    this.smoothing = finer.map(
      (stage) => new ConvNorm(params.scope(`smoothing${stage}`), channels, channels, 3),
    );
    this.fusion = new ConvNorm(params.scope("fusion"), stages * channels, channels, 3);
    this.classifier = new Classifier(params.scope("classifier"), channels, config);
  }

  /** @returns [N, H', W', classes], of the first stage's size. */
  apply(features: readonly tf.Tensor4D[], rng?: Rng): tf.Tensor4D {
    const training = rng !== undefined;
    const last = features[features.length - 1];
    if (last === undefined) throw new Error("the backbone gave no features");
    // From the last stage down, each is added to the next finer one.
    let above = this.bottleneck.apply(this.pooling.apply(last, training), training);
    const maps = [above];
    for (let stage = features.length - 2; stage >= 0; stage--) {
      const lateral = this.laterals[stage]?.apply(features[stage] as tf.Tensor4D, training);
      if (lateral === undefined) throw new Error(`the decoder has no stage ${stage}`);
      above = lateral.add(resizeBilinear(above, sizeOf(lateral)));
      maps.unshift(this.smoothing[stage]?.apply(above, training) ?? above);
    }
    const size = sizeOf(maps[0] ?? above);
    const joined = tf.concat4d(
      maps.map((map) => resizeBilinear(map, size)),
      3,
    );
    return this.classifier.apply(this.fusion.apply(joined, training), rng);
  }
}

/** A convolution and a classifier on one stage, which help to train the backbone. */
class AuxiliaryHead {
  private readonly conv: ConvNorm;
  private readonly classifier: Classifier;

  constructor(params: Params, config: UPerNetSwinConfig) {
    const width = config.backbone.embedding * 2 ** AUXILIARY_STAGE;
    this.conv = new ConvNorm(params.scope("conv"), width, config.auxiliaryChannels, 3);
    this.classifier = new Classifier(params.scope("classifier"), config.auxiliaryChannels, config);
  }

  apply(features: readonly tf.Tensor4D[], rng?: Rng): tf.Tensor4D {
    const stage = features[AUXILIARY_STAGE];
    if (stage === undefined) throw new Error(`the backbone gave no stage ${AUXILIARY_STAGE}`);
    return this.classifier.apply(this.conv.apply(stage, rng !== undefined), rng);
  }
}

/** Dropout of whole channels, then a linear map of each pixel. */
class Classifier {
  private readonly conv: Conv2d;
  private readonly dropout: number;

  constructor(params: Params, inChannels: number, { classes, headDropout }: UPerNetSwinConfig) {
    this.conv = new Conv2d(params, { inChannels, outChannels: classes, kernelSize: 1 });
    this.dropout = headDropout;
  }

  apply(x: tf.Tensor4D, rng?: Rng): tf.Tensor4D {
    if (rng === undefined || this.dropout === 0) return this.conv.apply(x);
    const [samples, , , channels] = x.shape;
    const kept = 1 - this.dropout;
    const draws = rng.uniform<tf.Rank.R4>([samples, 1, 1, channels]);
    return this.conv.apply(x.mul<tf.Tensor4D>(draws.less(kept).toFloat().div(kept)));
  }
}

function sizeOf(x: tf.Tensor4D): [number, number] {
  return [x.shape[1], x.shape[2]];
}
