import { Rng } from "../../backend/rng";
import { SEQUENCES, type Sequence } from "../../shape";
import type { Anatomy } from "./anatomy";
import { subjectId, type CohortRecipe } from "./cohort-recipe";
import { BRATS_FRAME, placeInFrame, type Frame } from "./frame";
import { headBox, makeHead, type Head } from "./head";
import { emptyImage, renderHead, type HeadImage } from "./head-image";
import { addMinerals } from "./minerals";
import { rowExtents } from "./row-extents";
import { removeIslands } from "./label-islands";
import { drawRater } from "./rater";
import { scanImage } from "./scanner";
import { traitsOf } from "./simulation-version";
import { signalTable, type SignalTable } from "./signal-table";
import { drawProtocol, type Protocol } from "./sites";
import { drawTissues, TISSUES } from "./tissue-parameters";

/** One simulated subject: whole volumes in the frame, x fastest. */
export interface SimulatedSubject {
  readonly id: string;
  readonly frame: Frame;
  /** Grey values, 0 outside the brain and at least 1 in it. */
  readonly sequences: Readonly<Record<Sequence, Int16Array>>;
  /** BraTS labels 0, 1 (necrosis and non-enhancing tumour), 2 (edema), 4 (enhancing tumour). */
  readonly labels: Uint8Array;
  /** The same labels by the true borders, before any rater. */
  readonly truth: Uint8Array;
  /** The coarse fields that it was made from. */
  readonly head: Head;
  /** Which protocol, an index into SITES. */
  readonly site: number;
}

/** What gives the subjects of a cohort. */
export type SubjectRecipe = Pick<CohortRecipe, "name" | "version" | "seed">;

/** A subject before it is scanned. */
export interface UnscannedSubject {
  readonly rng: Rng;
  readonly head: Head;
  readonly image: HeadImage;
  readonly table: SignalTable;
  readonly protocol: Protocol;
  readonly site: number;
}

/**
 * Makes one subject of a cohort; it does not depend on the others, nor on how many there are.
 *
 * @param number 1 for the first subject.
 * @param frame Larger voxels than BraTS's make the same head faster, for tests.
 */
export function simulateSubject(
  anatomy: Anatomy,
  recipe: SubjectRecipe,
  number: number,
  frame: Frame = BRATS_FRAME,
): SimulatedSubject {
  const { rng, head, image, table, protocol, site } = prepareSubject(anatomy, recipe, number, frame);
  const { box, brain } = image;
  const scanned = { box, brain, extents: rowExtents(box, brain) };
  const scans = SEQUENCES.map((sequence, s): [Sequence, Int16Array] => {
    const white = table.plain[s]?.[TISSUES.indexOf("wm")] ?? 1;
    const ideal = image.signals[s] as Float32Array;
    const scan = protocol[sequence];
    return [sequence, scanImage(rng.fork("scan", sequence), sequence, scanned, ideal, scan, white)];
  });
  const [nx, ny, nz] = frame.shape;
  return {
    id: subjectId(number),
    frame,
    sequences: Object.fromEntries(scans) as Record<Sequence, Int16Array>,
    labels: placeInFrame(box, image.labels, new Uint8Array(nx * ny * nz)),
    truth: placeInFrame(box, image.truth, new Uint8Array(nx * ny * nz)),
    head,
    site,
  };
}

/**
 * A subject as an ideal scanner and a rater see it.
 *
 * @param withShares Whether to keep the share of each tissue in each voxel.
 */
export function prepareSubject(
  anatomy: Anatomy,
  recipe: SubjectRecipe,
  number: number,
  frame: Frame,
  withShares = false,
): UnscannedSubject {
  const rng = subjectRng(recipe, number);
  const head = subjectHead(anatomy, recipe, number);
  const { site, tesla, protocol } = drawProtocol(rng.fork("protocol"), head.traits);
  const table = signalTable(protocol, drawTissues(rng.fork("tissues"), tesla, head.traits.tissues));
  const image = emptyImage(headBox(frame, head), withShares);
  renderHead(head, table, drawRater(rng.fork("rater"), head.tumour.lattice, head.traits), image);
  addMinerals(rng.fork("minerals"), head, tesla, image);
  removeIslands(image.labels, image.box);
  return { rng, head, image, table, protocol, site };
}

/** Head and tumour of a subject, without any voxel of it. @param number 1 for the first subject. */
export function subjectHead(anatomy: Anatomy, recipe: SubjectRecipe, number: number): Head {
  return makeHead(subjectRng(recipe, number).fork("head"), anatomy, traitsOf(recipe.version));
}

function subjectRng({ seed, name, version }: SubjectRecipe, number: number): Rng {
  return Rng.fromSeed(seed).fork("cohort", name, version, "subject", number);
}
