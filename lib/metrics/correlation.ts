import * as tf from "../backend/tf";
import { FloatScreening } from "./float-screening";
import { BACKGROUND_BELOW, type Extent, type ImageRows } from "./image-rows";
import { LevelScreening } from "./level-screening";
import { Candidates, CANDIDATES, roundingOf, type Block, type Screening } from "./screening";

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

/**
 * Finds for each query image the reference image with the highest Pearson correlation, by comparing it with
 * every one: blocks of matrix products on the backend, then the best few anew in double precision. Needs a
 * started backend. Memory is bounded by the blocks, about 300 MB, whatever the number of images.
 *
 * @throws RangeError if the images differ in size.
 */
export function bestMatches(queries: ImageRows, references: ImageRows, extent: Extent): BestMatches {
  if (queries.length !== references.length)
    throw new RangeError(`images of ${queries.length} pixels against images of ${references.length}`);
  const levels = extent === "image" ? LevelScreening.of(queries) : undefined;
  const candidates =
    levels === undefined
      ? screen(new FloatScreening(extent), queries, references)
      : screen(levels, queries, references);
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

/** Compares every query with every reference, block by block. */
function screen<B extends Block>(
  screening: Screening<B>,
  queries: ImageRows,
  references: ImageRows,
): Candidates {
  const candidates = new Candidates(queries.count);
  const asked = new QueryBlocks(screening, queries);
  // Queries that are read anew for every block want few blocks.
  const blockFloats = asked.fits ? BLOCK_FLOATS : MOST_FLOATS;
  const blockRows = Math.max(CANDIDATES, Math.floor(blockFloats / references.length));
  const buffer = new Float32Array(Math.min(blockRows, references.count) * references.length);
  for (let first = 0; first < references.count; first += blockRows) {
    const count = Math.min(blockRows, references.count - first);
    const block = screening.read(references, first, count, "reference", buffer);
    for (let query = 0; query < queries.count; query += asked.atOnce)
      asked.use(query, (some) => {
        screening.offer(candidates, some, query, block, first);
      });
    tf.dispose(block.tensors);
  }
  asked.dispose();
  return candidates;
}

/** The blocks of the queries: kept where all of them fit into memory, else read anew each time. */
class QueryBlocks<B extends Block> {
  private readonly kept = new Map<number, B>();
  readonly fits: boolean;
  readonly atOnce: number;

  constructor(
    private readonly screening: Screening<B>,
    private readonly source: ImageRows,
  ) {
    this.fits = source.count * source.length <= MOST_FLOATS;
    this.atOnce = Math.max(1, Math.min(QUERIES_AT_ONCE, Math.floor(MOST_FLOATS / source.length)));
  }

  use(first: number, action: (block: B) => void): void {
    const count = Math.min(this.atOnce, this.source.count - first);
    const block = this.kept.get(first) ?? this.screening.read(this.source, first, count, "query");
    action(block);
    if (this.fits) this.kept.set(first, block);
    else tf.dispose(block.tensors);
  }

  dispose(): void {
    for (const { tensors } of this.kept.values()) tf.dispose(tensors);
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
  const rounding = roundingOf(queries.length);
  for (let i = 0; i < queries.count; i++) {
    queries.copy(i, query, 0);
    for (let k = i * CANDIDATES; k < (i + 1) * CANDIDATES; k++) {
      const candidate = candidates.index[k] as number;
      if (candidate < 0) break;
      // The best comes first: one that is behind by more than the rounding cannot win.
      if ((candidates.score[k] as number) < (r[i] as number) - rounding) break;
      references.copy(candidate, reference, 0);
      const exact = pearson(query, reference, extent);
      if (!(exact <= (r[i] as number)) && !Number.isNaN(exact)) [r[i], index[i]] = [exact, candidate];
    }
  }
  return { index, r };
}
