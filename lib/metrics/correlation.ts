import * as tf from "../backend/tf";

/** Images as rows of numbers, read one at a time so that a large set need not stand in memory as floats. */
export interface ImageRows {
  readonly count: number;
  /** Pixels of an image, F. */
  readonly length: number;
  /** Writes the image, grey values in [0, 255], to `target` from `offset` on. */
  readonly copy: (index: number, target: Float32Array, offset: number) => void;
}

/**
 * Which pixels count. `image`: all, background included, as in the study. `brain`: those where at least one
 * of the two images is not background (the union of the two heads), so that the shared black corners do not
 * raise the correlation while a head of another shape still lowers it.
 */
export type Extent = "image" | "brain";

/** Grey values below this are background for the extent `brain`: generated black is not exactly 0. */
export const BACKGROUND_BELOW = 8;

/** The best match of each query among the references. */
export interface BestMatches {
  /** Position of the best match, [N]; -1 where the query is constant or no reference is usable. */
  readonly index: Int32Array;
  /** Its correlation, [N], in double precision; NaN where there is none. */
  readonly r: Float64Array;
}

/** Floats of all queries that are kept at once, and of a block of references where they are not (64 MB). */
const MOST_FLOATS = 16 * 1024 * 1024;
/** Of a block of references where queries are kept (16 MB): memory that the allocator gives again, not new pages. */
const BLOCK_FLOATS = 4 * 1024 * 1024;
/** Queries that are compared with a block of references at once, at most. */
const QUERIES_AT_ONCE = 1024;

/** Candidates kept from the fast products, among which double precision decides. */
const CANDIDATES = 4;

/** Stands for "no correlation" in the fast products: below every possible value. */
const NONE = -2;

/**
 * Finds for each query image the reference image with the highest Pearson correlation, by comparing it with
 * every one: blocks of matrix products on the backend, then the best few anew in double precision. Needs a
 * started backend. Memory is bounded by the blocks, about 200 MB, whatever the number of images.
 *
 * @throws RangeError if the images differ in size.
 */
export function bestMatches(queries: ImageRows, references: ImageRows, extent: Extent): BestMatches {
  if (queries.length !== references.length)
    throw new RangeError(`images of ${queries.length} pixels against images of ${references.length}`);
  const candidates = new Candidates(queries.count);
  const asked = new QueryBlocks(queries, extent);
  // Queries that are read anew for every block want few blocks.
  const blockFloats = asked.fits ? BLOCK_FLOATS : MOST_FLOATS;
  const blockRows = Math.max(CANDIDATES, Math.floor(blockFloats / references.length));
  const buffer = new Float32Array(Math.min(blockRows, references.count) * references.length);
  for (let first = 0; first < references.count; first += blockRows) {
    const count = Math.min(blockRows, references.count - first);
    const block = readBlock(references, first, count, extent, buffer);
    for (let query = 0; query < queries.count; query += asked.atOnce)
      asked.use(query, (some) => {
        offerBlock(candidates, some, query, block, first, extent);
      });
    tf.dispose(block.tensors);
  }
  asked.dispose();
  return decide(candidates, queries, references, extent);
}

/**
 * Pearson correlation of two images in double precision.
 *
 * @returns In [-1, 1]; NaN where one of them is constant over the pixels that count.
 * @throws RangeError if the lengths differ.
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>, extent: Extent = "image"): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  // Grey values below it are set to 0, and pixels that are then 0 in both images left out.
  const background = extent === "brain" ? BACKGROUND_BELOW : -Infinity;
  let n = 0;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] as number, b[i] as number];
    const [inA, inB] = [p >= background, q >= background];
    if (inA || inB) n++;
    if (inA) sumA += p;
    if (inB) sumB += q;
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] as number, b[i] as number];
    const [inA, inB] = [p >= background, q >= background];
    if (!(inA || inB)) continue;
    const da = (inA ? p : 0) - meanA;
    const db = (inB ? q : 0) - meanB;
    squaresA += da * da;
    squaresB += db * db;
    products += da * db;
  }
  if (squaresA === 0 || squaresB === 0) return Number.NaN;
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresA * squaresB)));
}

/** A block of images on the backend, with what the correlation needs of each. */
interface Block {
  readonly count: number;
  readonly tensors: {
    /** [M, F]: for `image` centred and of unit norm (zero if constant), for `brain` grey values / 255. */
    readonly rows: tf.Tensor2D;
    /** [M]: 1 where the image is constant, else 0. */
    readonly constant: tf.Tensor1D;
  };
}

/** @param buffer Memory for the images; free again once the block is disposed of. */
function readBlock(
  source: ImageRows,
  first: number,
  count: number,
  extent: Extent,
  buffer = new Float32Array(count * source.length),
): Block {
  const { length } = source;
  const values = buffer.subarray(0, count * length);
  const constant = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    source.copy(first + row, values, row * length);
    const pixels = values.subarray(row * length, (row + 1) * length);
    constant[row] = Number(extent === "image" ? !standardise(pixels) : !scaleAboveBackground(pixels));
  }
  return { count, tensors: { rows: tf.tensor2d(values, [count, length]), constant: tf.tensor1d(constant) } };
}

/** The blocks of the queries: kept where all of them fit into memory, else read anew each time. */
class QueryBlocks {
  private readonly kept = new Map<number, Block>();
  readonly fits: boolean;
  readonly atOnce: number;

  constructor(
    private readonly source: ImageRows,
    private readonly extent: Extent,
  ) {
    this.fits = source.count * source.length <= MOST_FLOATS;
    this.atOnce = Math.max(1, Math.min(QUERIES_AT_ONCE, Math.floor(MOST_FLOATS / source.length)));
  }

  use(first: number, action: (block: Block) => void): void {
    const count = Math.min(this.atOnce, this.source.count - first);
    const block = this.kept.get(first) ?? readBlock(this.source, first, count, this.extent);
    action(block);
    if (this.fits) this.kept.set(first, block);
    else tf.dispose(block.tensors);
  }

  dispose(): void {
    for (const { tensors } of this.kept.values()) tf.dispose(tensors);
  }
}

/** Centres a row and gives it unit norm, so that a dot product is a correlation. @returns Whether it can. */
function standardise(pixels: Float32Array): boolean {
  const { length } = pixels;
  const shift = pixels[0] as number;
  let sum = 0;
  let squares = 0;
  // Shifted, so that a constant image has sums of exactly 0. One pass in place of two: reading is what it costs.
  for (let i = 0; i < length; i++) {
    const value = (pixels[i] as number) - shift;
    sum += value;
    squares += value * value;
  }
  const mean = shift + sum / length;
  const spread = squares - (sum * sum) / length;
  const scale = spread > 0 ? 1 / Math.sqrt(spread) : 0;
  for (let i = 0; i < length; i++) pixels[i] = ((pixels[i] as number) - mean) * scale;
  return spread > 0;
}

/** Sets background to 0 and scales to [0, 1]. @returns Whether anything is left. */
function scaleAboveBackground(pixels: Float32Array): boolean {
  let any = false;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    if (value >= BACKGROUND_BELOW) any = true;
    pixels[i] = value < BACKGROUND_BELOW ? 0 : value / 255;
  }
  return any;
}

/** Correlates a block of queries with a block of references and keeps the best few of each query. */
function offerBlock(
  candidates: Candidates,
  queries: Block,
  firstQuery: number,
  references: Block,
  firstReference: number,
  extent: Extent,
): void {
  const kept = Math.min(CANDIDATES, references.count);
  const { values, indices } = tf.tidy(() => {
    const products = tf.matMul<tf.Tensor2D>(queries.tensors.rows, references.tensors.rows, false, true); // [N, M]
    const r = extent === "image" ? products : correlateInUnion(products, queries, references);
    const usable = tf.add(r, tf.mul(references.tensors.constant, NONE - 1));
    const best = tf.topk(usable, kept);
    return { values: best.values, indices: best.indices };
  });
  const scores = values.dataSync();
  const places = indices.dataSync();
  tf.dispose([values, indices]);
  for (let i = 0; i < queries.count * kept; i++)
    candidates.offer(
      firstQuery + Math.floor(i / kept),
      firstReference + (places[i] as number),
      scores[i] as number,
    );
}

/**
 * Correlations over the union of two heads, from sums over whole rows: outside a head its image is 0, so
 * only the number of pixels depends on the pair: n = |a| + |b| - |a and b|.
 */
function correlateInUnion(products: tf.Tensor2D, queries: Block, references: Block): tf.Tensor2D {
  const [a, b] = [queries.tensors.rows, references.tensors.rows];
  const [inA, inB] = [tf.cast(tf.greater(a, 0), "float32"), tf.cast(tf.greater(b, 0), "float32")];
  const column = (x: tf.Tensor): tf.Tensor => tf.expandDims(tf.sum(x, 1), 1); // [N, 1]
  const row = (x: tf.Tensor): tf.Tensor => tf.expandDims(tf.sum(x, 1), 0); // [1, M]
  const n = tf.maximum(tf.sub(tf.add(column(inA), row(inB)), tf.matMul(inA, inB, false, true)), 1);
  const [sumA, sumB] = [column(a), row(b)];
  const covariance = tf.sub(products, tf.div(tf.mul(sumA, sumB), n));
  const varianceA = tf.sub(column(tf.square(a)), tf.div(tf.square(sumA), n));
  const varianceB = tf.sub(row(tf.square(b)), tf.div(tf.square(sumB), n));
  const usable = tf.logicalAnd(tf.greater(varianceA, 1e-6), tf.greater(varianceB, 1e-6));
  const norm = tf.sqrt(tf.maximum(tf.mul(varianceA, varianceB), 1e-12));
  return tf.where(usable, tf.div(covariance, norm), tf.fill(products.shape, NONE)) as tf.Tensor2D;
}

/** The best few references of each query so far. */
class Candidates {
  readonly index: Int32Array;
  readonly score: Float32Array;

  constructor(readonly count: number) {
    this.index = new Int32Array(count * CANDIDATES).fill(-1);
    this.score = new Float32Array(count * CANDIDATES).fill(-Infinity);
  }

  /** Puts a reference in its place among the best of a query, if it has one. */
  offer(query: number, reference: number, score: number): void {
    // Sums in float32 may carry a correlation a little below -1, never near NONE.
    if (!(score > -1.5)) return;
    let at = (query + 1) * CANDIDATES - 1;
    if (score <= (this.score[at] as number)) return;
    for (; at > query * CANDIDATES && score > (this.score[at - 1] as number); at--) {
      this.score[at] = this.score[at - 1] as number;
      this.index[at] = this.index[at - 1] as number;
    }
    this.score[at] = score;
    this.index[at] = reference;
  }
}

function decide(
  candidates: Candidates,
  queries: ImageRows,
  references: ImageRows,
  extent: Extent,
): BestMatches {
  const index = new Int32Array(queries.count).fill(-1);
  const r = new Float64Array(queries.count).fill(Number.NaN);
  const [query, reference] = [new Float32Array(queries.length), new Float32Array(queries.length)];
  const rounding = queries.length * 2 ** -24;
  for (let i = 0; i < queries.count; i++) {
    queries.copy(i, query, 0);
    for (let k = i * CANDIDATES; k < (i + 1) * CANDIDATES; k++) {
      const candidate = candidates.index[k] as number;
      if (candidate < 0) break;
      // The best comes first: one that is behind by more than twice the rounding of a sum cannot win.
      if ((candidates.score[k] as number) < (r[i] as number) - 2 * rounding) break;
      references.copy(candidate, reference, 0);
      const exact = pearson(query, reference, extent);
      if (!(exact <= (r[i] as number)) && !Number.isNaN(exact)) [r[i], index[i]] = [exact, candidate];
    }
  }
  return { index, r };
}
