import * as tf from "../../backend/tf";
import {
  INCEPTION_MODULES,
  INCEPTION_STEM,
  type BranchPlan,
  type ConvPlan,
  type ModulePlan,
} from "./inception-plan";
import { Dense } from "../layers/dense";
import { FrozenConv } from "../layers/frozen-convolution";
import type { Params } from "../params";

export const INCEPTION_FEATURES = 2048;
/** Of the network that FID was defined with: ImageNet's 1,000 and eight that stand for nothing. */
export const INCEPTION_CLASSES = 1008;
/** Side of the images that it was trained on. */
export const INCEPTION_SIDE = 299;
const EPSILON = 1e-3;

/**
 * Inception v3 as FID and the Inception score are defined with it (the TensorFlow model of 2015-12-05): mean
 * pooling leaves the margin out, and the last module pools by the maximum. For features, not for training.
 *
 * @see Szegedy et al. 2016, arXiv 1512.00567; mseitzer/pytorch-fid, which ported the weights.
 */
export class Inception {
  private readonly stem: readonly FrozenConv[];
  private readonly modules: readonly Mixed[];
  private readonly classifier: Dense;

  constructor(params: Params) {
    let channels = 3;
    this.stem = INCEPTION_STEM.map(({ padded, ...plan }) => {
      const layer = makeConv(params, plan, channels, padded === true ? "same" : "valid");
      channels = plan.channels;
      return layer;
    });
    this.modules = INCEPTION_MODULES.map((plan) => {
      const mixed = new Mixed(params.scope(plan.name), plan, channels);
      channels = mixed.outChannels;
      return mixed;
    });
    this.classifier = new Dense(params.scope("fc"), {
      inFeatures: channels,
      outFeatures: INCEPTION_CLASSES,
    });
  }

  /** @param images RGB in [-1, 1], [N, 299, 299, 3]. @returns The last features, pooled: [N, 2048]. */
  features(images: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const x = this.stem.reduce((h, layer, i) => {
        const y = tf.relu(layer.apply(h));
        return INCEPTION_STEM[i]?.pooled === true ? tf.maxPool(y, 3, 2, "valid") : y;
      }, images);
      return this.modules.reduce((h, mixed) => mixed.apply(h), x).mean<tf.Tensor2D>([1, 2]);
    });
  }

  /** @param features [N, 2048]. @returns Logits of the 1,008 classes, [N, 1008]. */
  classify(features: tf.Tensor2D): tf.Tensor2D {
    return this.classifier.apply(features);
  }
}

class Mixed {
  /** Channels of all branches together. */
  readonly outChannels: number;
  private readonly branches: readonly Branch[];

  constructor(params: Params, { branches }: ModulePlan, inChannels: number) {
    this.branches = branches.map((plan) => new Branch(params, plan, inChannels));
    this.outChannels = this.branches.reduce((sum, branch) => sum + branch.outChannels, 0);
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() =>
      tf.concat4d(
        this.branches.flatMap((branch) => branch.apply(x)),
        3,
      ),
    );
  }
}

class Branch {
  readonly outChannels: number;
  private readonly convs: readonly FrozenConv[];
  private readonly split: readonly FrozenConv[];

  constructor(
    params: Params,
    private readonly plan: BranchPlan,
    inChannels: number,
  ) {
    let channels = inChannels;
    this.convs = plan.convs.map((layer) => {
      const made = makeConv(params, layer, channels, layer.stride === 2 ? "valid" : "same");
      channels = layer.channels;
      return made;
    });
    const { split = [] } = plan;
    this.split = split.map((layer) => makeConv(params, layer, channels, "same"));
    this.outChannels = split.length === 0 ? channels : split.reduce((sum, layer) => sum + layer.channels, 0);
  }

  /** @returns One output, or those of the split. */
  apply(x: tf.Tensor4D): tf.Tensor4D[] {
    const y = this.convs.reduce((h, layer) => tf.relu(layer.apply(h)), this.pool(x));
    return this.split.length === 0 ? [y] : this.split.map((layer) => tf.relu(layer.apply(y)));
  }

  private pool(x: tf.Tensor4D): tf.Tensor4D {
    switch (this.plan.pool) {
      case "mean":
        return tf.avgPool(x, 3, 1, "same");
      case "max":
        return tf.maxPool(x, 3, 1, "same");
      case "reduce":
        return tf.maxPool(x, 3, 2, "valid");
      default:
        return x;
    }
  }
}

function makeConv(
  params: Params,
  { name, kernel, channels, stride }: ConvPlan,
  inChannels: number,
  padding: "same" | "valid",
): FrozenConv {
  const config = { inChannels, outChannels: channels, kernel, padding, epsilon: EPSILON };
  return new FrozenConv(params.scope(name), { ...config, stride: stride ?? 1 });
}
