import * as tf from "../../backend/tf";
import { Dense } from "../layers/dense";
import { FrozenConv } from "../layers/frozen-convolution";
import type { Params } from "../params";

/** A group of blocks; all sizes in channels or pixels. */
interface Stage {
  readonly blocks: number;
  readonly kernelSize: number;
  /** Of the first block; the others have 1. */
  readonly stride: number;
  /** Channels within a block over those that enter it. */
  readonly expansion: number;
  readonly outChannels: number;
}

/** EfficientNet-Lite0: 4,652,008 parameters. */
const STAGES: readonly Stage[] = [
  { blocks: 1, kernelSize: 3, stride: 1, expansion: 1, outChannels: 16 },
  { blocks: 2, kernelSize: 3, stride: 2, expansion: 6, outChannels: 24 },
  { blocks: 2, kernelSize: 5, stride: 2, expansion: 6, outChannels: 40 },
  { blocks: 3, kernelSize: 3, stride: 2, expansion: 6, outChannels: 80 },
  { blocks: 3, kernelSize: 5, stride: 1, expansion: 6, outChannels: 112 },
  { blocks: 4, kernelSize: 5, stride: 2, expansion: 6, outChannels: 192 },
  { blocks: 1, kernelSize: 3, stride: 1, expansion: 6, outChannels: 320 },
];

const STEM_CHANNELS = 32;
export const EFFICIENTNET_FEATURES = 1280;
export const EFFICIENTNET_CLASSES = 1000;
/** Side of the images that it was trained on. */
export const EFFICIENTNET_SIDE = 224;
const EPSILON = 1e-3;

/** One inverted bottleneck. */
export interface BlockPlan {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly expansion: number;
}

/** Every block, in order. */
export function efficientnetBlocks(): readonly BlockPlan[] {
  let inChannels = STEM_CHANNELS;
  return STAGES.flatMap(({ blocks, stride, outChannels, ...stage }) =>
    Array.from({ length: blocks }, (_, i) => {
      const plan = { ...stage, inChannels, outChannels, stride: i === 0 ? stride : 1 };
      inChannels = outChannels;
      return plan;
    }),
  );
}

/**
 * EfficientNet-Lite0, as trained on ImageNet: for features of images, not for training. It has neither
 * squeeze-and-excitation nor swish, and pads as TensorFlow does.
 *
 * @see Tan and Le 2019, arXiv 1905.11946; tensorflow/tpu, models/official/efficientnet/lite.
 */
export class EfficientNetLite0 {
  private readonly stem: FrozenConv;
  private readonly blocks: readonly Bottleneck[];
  private readonly head: FrozenConv;
  private readonly classifier: Dense;

  constructor(params: Params) {
    const plans = efficientnetBlocks();
    this.stem = new FrozenConv(params.scope("stem"), {
      inChannels: 3,
      outChannels: STEM_CHANNELS,
      kernel: [3, 3],
      stride: 2,
      epsilon: EPSILON,
    });
    this.blocks = plans.map((plan, i) => new Bottleneck(params.scope(`block${i}`), plan));
    this.head = new FrozenConv(params.scope("head"), {
      inChannels: plans.at(-1)?.outChannels ?? STEM_CHANNELS,
      outChannels: EFFICIENTNET_FEATURES,
      kernel: [1, 1],
      epsilon: EPSILON,
    });
    this.classifier = new Dense(params.scope("classifier"), {
      inFeatures: EFFICIENTNET_FEATURES,
      outFeatures: EFFICIENTNET_CLASSES,
    });
  }

  /** @param images RGB, (grey - 127) / 128, [N, H, W, 3]. @returns The last features, pooled: [N, 1280]. */
  features(images: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const x = this.blocks.reduce((h, block) => block.apply(h), tf.relu6(this.stem.apply(images)));
      return tf.relu6(this.head.apply(x)).mean<tf.Tensor2D>([1, 2]);
    });
  }

  /** @param features [N, 1280]. @returns Logits of the 1,000 classes of ImageNet, [N, 1000]. */
  classify(features: tf.Tensor2D): tf.Tensor2D {
    return this.classifier.apply(features);
  }
}

/** Widens, filters each channel, narrows; adds its input where nothing changes its size. */
class Bottleneck {
  private readonly expand: FrozenConv | undefined;
  private readonly filter: FrozenConv;
  private readonly project: FrozenConv;
  private readonly addsInput: boolean;

  constructor(params: Params, { inChannels, outChannels, kernelSize, stride, expansion }: BlockPlan) {
    const width = inChannels * expansion;
    const epsilon = EPSILON;
    this.expand =
      expansion === 1
        ? undefined
        : new FrozenConv(params.scope("expand"), { inChannels, outChannels: width, kernel: [1, 1], epsilon });
    this.filter = new FrozenConv(params.scope("filter"), {
      inChannels: width,
      outChannels: width,
      kernel: [kernelSize, kernelSize],
      stride,
      depthwise: true,
      epsilon,
    });
    this.project = new FrozenConv(params.scope("project"), {
      inChannels: width,
      outChannels,
      kernel: [1, 1],
      epsilon,
    });
    this.addsInput = stride === 1 && inChannels === outChannels;
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const wide = this.expand === undefined ? x : tf.relu6(this.expand.apply(x));
      const y = this.project.apply(tf.relu6(this.filter.apply(wide)));
      return this.addsInput ? y.add<tf.Tensor4D>(x) : y;
    });
  }
}
