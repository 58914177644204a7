import { kernelBackend } from "../backend/native-kernels";
import type { NativeBackend } from "../backend/native-ops";
import { multipliesBytes } from "../backend/processor";
import { runKernel } from "../backend/run-kernel";
import * as tf from "../backend/tf";
import type { ImageRows } from "./image-rows";
import {
  CANDIDATES,
  readRows,
  roundingOf,
  type Block,
  type Candidates,
  type Screening,
  type Side,
} from "./screening";

/** Pixels of the largest image whose products of levels fit into 32 bits. */
const MOST_PIXELS = 2 ** 20;

/** Images with their levels. */
export interface LevelBlock extends Block {
  readonly tensors: {
    /** [M, F]: grey values. */
    readonly rows: tf.Tensor2D;
    /** [M, F / 4]: centred, in 63 levels, 4 of them in a number; F filled up to a multiple of 32. */
    readonly levels: tf.Tensor2D;
    /** [M, 5]: see `LevelFacts` in lib/setup/kernels/levels.h. */
    readonly facts: tf.Tensor2D;
  };
}

/**
 * Screening over whole images by the project's own operations: products of 6-bit levels, which cost two thirds of
 * what products in float32 do, and those in float32 of the pairs that could be among the best. Levels are rounded
 * up or down at random, so that the error of a product has a bound (Hoeffding 1963, theorem 2), which less than
 * one pair of 10^13 exceeds: the best match is the one that products in float32 alone would find.
 */
export class LevelScreening implements Screening<LevelBlock> {
  private constructor(private readonly native: NativeBackend) {}

  /** @returns Undefined where the operations are not at hand, or the images too large. */
  static of({ length }: ImageRows): LevelScreening | undefined {
    const native = kernelBackend();
    if (native === undefined || length > MOST_PIXELS || !multipliesBytes()) return undefined;
    return new LevelScreening(native);
  }

  read(source: ImageRows, first: number, count: number, side: Side, buffer?: Float32Array): LevelBlock {
    const rows = tf.tensor2d(readRows(source, first, count, buffer), [count, source.length]);
    const integers = { query: Number(side === "query") };
    const [levels, facts] = runKernel(this.native, "SynthmrLevels", [rows], 2, { integers }) as tf.Tensor2D[];
    if (!levels || !facts) throw new Error("SynthmrLevels gave no output");
    return { count, tensors: { rows, levels, facts } };
  }

  offer(
    candidates: Candidates,
    queries: LevelBlock,
    firstQuery: number,
    references: LevelBlock,
    firstReference: number,
  ): void {
    const tolerance = roundingOf(queries.tensors.rows.shape[1]);
    const floor = tf.tensor1d(candidates.floors(firstQuery, queries.count, tolerance));
    const inputs = [queries, references].flatMap(({ tensors: { rows, levels, facts } }) => [
      rows,
      levels,
      facts,
    ]);
    const attributes = { integers: { kept: CANDIDATES }, floats: { tolerance } };
    const [scores, places] = runKernel(this.native, "SynthmrNearest", [...inputs, floor], 2, attributes);
    if (!scores || !places) throw new Error("SynthmrNearest gave no output");
    candidates.offerBlock(firstQuery, firstReference, CANDIDATES, scores.dataSync(), places.dataSync());
    tf.dispose([floor, scores, places]);
  }
}
