import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { gelu } from "../layers/gelu";
import { LayerNorm } from "../layers/layer-norm";
import { Linear } from "../layers/linear";
import { reorder, reorderBack, tokenOrder, type TokenOrder } from "../layers/token-order";
import { WindowAttention } from "../layers/window-attention";
import type { Params } from "../params";
import { blockPlaces, cutWindows, windowMask, type Grid } from "./swin-windows";

/** Settings of the backbone, in the reference's terms. */
export interface SwinConfig {
  /** Channels of the images. */
  readonly inChannels: number;
  /** Side of a patch in pixels; 4. */
  readonly patchSize: number;
  /** Features of a token in the first stage; every later stage has twice as many. */
  readonly embedding: number;
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Attention heads of each stage. */
  readonly heads: readonly number[];
  /** Side of a window in tokens; 7. */
  readonly windowSize: number;
  /** Width of the layer between in each block, over its features; 4. */
  readonly mlpRatio: number;
  /** Chance that a sample leaves out the last block's branches in training, rising linearly from 0. */
  readonly dropPath: number;
}

/** Tokens of an image and how they lie. */
interface Tokens {
  readonly x: tf.Tensor3D; // [N, H W, D]
  readonly grid: Grid;
}

/**
 * Swin transformer: stages of attention in windows, which every second block shifts by half their side, with the
 * resolution halved between stages. Images and grids that do not divide are enlarged by zeros, as in the
 * reference.
 *
 * @see Liu et al. 2021, arXiv 2103.14030; `SwinBackbone` of Hugging Face's transformers.
 */
export class Swin {
  private readonly patches: PatchEmbedding;
  private readonly stages: readonly Stage[];

  constructor(params: Params, config: SwinConfig) {
    const { depths, heads, dropPath } = config;
    if (depths.length !== heads.length)
      throw new RangeError(`${depths.length} stages, but heads of ${heads.length}`);
    this.patches = new PatchEmbedding(params.scope("patches"), config);
    const blocks = depths.reduce((sum, depth) => sum + depth, 0);
    let block = 0;
    this.stages = depths.map((depth, i) => {
      const dropRates = Array.from({ length: depth }, () => (dropPath * block++) / Math.max(1, blocks - 1));
      return new Stage(params.scope(`stage${i}`), config, i, dropRates);
    });
    // The reference has a norm for the use without a head: no head reads it, but files hold it.
    const features = config.embedding * 2 ** (depths.length - 1);
    params.fillBuffer<tf.Rank.R1>("norm/gamma", [features], 1);
    params.fillBuffer<tf.Rank.R1>("norm/beta", [features], 0);
  }

  /**
   * @param image [N, H, W, C], of any size.
   * @param rng Given in training: some samples then leave out some branches.
   * @returns The normalised features of each stage, [N, H', W', D].
   */
  apply(image: tf.Tensor4D, rng?: Rng): tf.Tensor4D[] {
    let tokens = this.patches.apply(image);
    return this.stages.map((stage, i) => {
      if (i > 0) tokens = stage.merge(tokens);
      const { x, grid } = (tokens = stage.apply(tokens, rng?.fork("stage", i)));
      const normed = stage.norm.apply(x);
      return normed.reshape<tf.Tensor4D>([x.shape[0], grid.height, grid.width, x.shape[2]]);
    });
  }
}

/** One token a patch: a linear map of its pixels, and a norm. */
class PatchEmbedding {
  private readonly kernel: tf.Variable<tf.Rank.R4>; // [p, p, C, D]
  private readonly bias: tf.Variable<tf.Rank.R1>; // [D]
  private readonly norm: LayerNorm;

  constructor(
    params: Params,
    private readonly config: SwinConfig,
  ) {
    const { patchSize, inChannels, embedding } = config;
    const shape: [number, number, number, number] = [patchSize, patchSize, inChannels, embedding];
    this.kernel = params.normal<tf.Rank.R4>("kernel", shape, 0.02);
    this.bias = params.fill<tf.Rank.R1>("bias", [embedding], 0);
    this.norm = new LayerNorm(params.scope("norm"), embedding);
  }

  apply(image: tf.Tensor4D): Tokens {
    const { patchSize, embedding } = this.config;
    const [samples, height, width] = image.shape;
    const missing = (size: number): [number, number] => [0, (patchSize - (size % patchSize)) % patchSize];
    const fits = missing(height)[1] + missing(width)[1] === 0;
    const whole = fits ? image : tf.pad4d(image, [[0, 0], missing(height), missing(width), [0, 0]]);
    const patches = tf.conv2d(whole, this.kernel, patchSize, "valid").add<tf.Tensor4D>(this.bias);
    const grid = { height: patches.shape[1], width: patches.shape[2] };
    const x = patches.reshape<tf.Tensor3D>([samples, grid.height * grid.width, embedding]);
    return { x: this.norm.apply(x), grid };
  }
}

/** How the tokens of one size of grid are taken into windows. */
interface WindowPlan {
  readonly order: TokenOrder;
  readonly mask: tf.Tensor3D | undefined; // [windows, 1, T T]
}

/** The blocks of one resolution, the merging of patches before them and the norm behind them. */
class Stage {
  readonly norm: LayerNorm;
  private readonly blocks: readonly Block[];
  private readonly merging: { readonly norm: LayerNorm; readonly reduction: Linear } | undefined;
  private readonly plans = new Map<string, WindowPlan>();
  private readonly blockOrders = new Map<string, TokenOrder>();

  constructor(
    private readonly params: Params,
    private readonly config: SwinConfig,
    index: number,
    dropRates: readonly number[],
  ) {
    const features = config.embedding * 2 ** index;
    if (index > 0)
      this.merging = {
        norm: new LayerNorm(params.scope("merging/norm"), 2 * features),
        reduction: new Linear(params.scope("merging/reduction"), 2 * features, features, false),
      };
    const heads = config.heads[index] ?? 1;
    this.blocks = dropRates.map(
      (dropRate, i) => new Block(params.scope(`block${i}`), config, { features, heads, dropRate }),
    );
    this.norm = new LayerNorm(params.scope("norm"), features);
  }

  apply({ x, grid }: Tokens, rng: Rng | undefined): Tokens {
    const shifted = Math.floor(this.config.windowSize / 2);
    const y = this.blocks.reduce(
      (h, block, i) => block.apply(h, this.plan(grid, i % 2 === 0 ? 0 : shifted), rng?.fork(i)),
      x,
    );
    return { x: y, grid };
  }

  /** Joins the tokens of each 2x2 block to one of twice the features. */
  merge({ x, grid }: Tokens): Tokens {
    if (this.merging === undefined) throw new Error("the first stage merges nothing");
    const [samples, , features] = x.shape;
    const halved = { height: Math.ceil(grid.height / 2), width: Math.ceil(grid.width / 2) };
    const joined = reorder(x, this.blockOrder(grid)).reshape<tf.Tensor3D>([
      samples,
      halved.height * halved.width,
      4 * features,
    ]);
    return { x: this.merging.reduction.apply(this.merging.norm.apply(joined)), grid: halved };
  }

  private plan(grid: Grid, shift: number): WindowPlan {
    const key = `${grid.height}x${grid.width} ${shift}`;
    let plan = this.plans.get(key);
    if (plan === undefined) {
      const windows = cutWindows(grid, this.config.windowSize, shift);
      const mask = windowMask(windows);
      const tokens = this.config.windowSize ** 2;
      plan = {
        order: this.keptOrder(windows.places, grid),
        mask: mask && this.params.constant(() => tf.tensor3d(mask, [windows.count, 1, tokens * tokens])),
      };
      this.plans.set(key, plan);
    }
    return plan;
  }

  private blockOrder(grid: Grid): TokenOrder {
    const key = `${grid.height}x${grid.width}`;
    const order = this.blockOrders.get(key) ?? this.keptOrder(blockPlaces(grid), grid);
    this.blockOrders.set(key, order);
    return order;
  }

  /** An order that lives as long as the network. */
  private keptOrder(places: Int32Array, { height, width }: Grid): TokenOrder {
    const order = tokenOrder(places, height * width);
    this.params.constant(() => order.forth.places);
    this.params.constant(() => order.back.places);
    return order;
  }
}

/** Attention in windows and a layer between, each added to its input. */
class Block {
  private readonly norm0: LayerNorm;
  private readonly attention: WindowAttention;
  private readonly norm1: LayerNorm;
  private readonly expand: Linear;
  private readonly contract: Linear;
  private readonly dropRate: number;

  constructor(
    params: Params,
    { windowSize, mlpRatio }: SwinConfig,
    {
      features,
      heads,
      dropRate,
    }: { readonly features: number; readonly heads: number; readonly dropRate: number },
  ) {
    const hidden = Math.floor(mlpRatio * features);
    this.norm0 = new LayerNorm(params.scope("norm0"), features);
    this.attention = new WindowAttention(params.scope("attention"), { features, heads, windowSize });
    this.norm1 = new LayerNorm(params.scope("norm1"), features);
    this.expand = new Linear(params.scope("mlp0"), features, hidden);
    this.contract = new Linear(params.scope("mlp1"), hidden, features);
    this.dropRate = dropRate;
  }

  apply(x: tf.Tensor3D, { order, mask }: WindowPlan, rng: Rng | undefined): tf.Tensor3D {
    const windows = reorder(this.norm0.apply(x), order); // zeros where the grid is enlarged
    const attended = reorderBack(this.attention.apply(windows, mask), order);
    const h = x.add<tf.Tensor3D>(this.dropPath(attended, rng?.fork("attention")));
    const y = this.contract.apply(gelu(this.expand.apply(this.norm1.apply(h))));
    return h.add(this.dropPath(y, rng?.fork("mlp")));
  }

  /**
   * Leaves the branch out for a random share of the samples and makes up for it in the others.
   *
   * @see Huang et al. 2016, arXiv 1603.09382.
   */
  private dropPath(branch: tf.Tensor3D, rng: Rng | undefined): tf.Tensor3D {
    if (rng === undefined || this.dropRate === 0) return branch;
    const kept = 1 - this.dropRate;
    const draws = rng.uniform<tf.Rank.R3>([branch.shape[0], 1, 1]);
    return branch.mul(draws.less(kept).toFloat().div(kept));
  }
}
