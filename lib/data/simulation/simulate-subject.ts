import { Rng } from "../../backend/rng";
import { SEQUENCES, type Sequence } from "../../shape";
import { drawProtocol } from "./acquisition";
import type { Anatomy } from "./anatomy";
import { subjectId, type CohortRecipe } from "./cohort-recipe";
import { BRATS_FRAME, placeInFrame, type Frame } from "./frame";
import { headBox, makeHead, type Head } from "./head";
import { emptyImage, renderHead } from "./head-image";
import { smoothNoise } from "./smooth-noise";
import { removeIslands } from "./label-islands";
import { scanImage } from "./scanner";
import { signalTable } from "./signal-table";
import { drawTissues, TISSUES } from "./tissue-parameters";

/** One simulated subject: whole volumes in the frame, x fastest. */
export interface SimulatedSubject {
  readonly id: string;
  readonly frame: Frame;
  /** Grey values, 0 outside the brain and at least 1 in it. */
  readonly sequences: Readonly<Record<Sequence, Int16Array>>;
  /** BraTS labels 0, 1 (necrosis and non-enhancing tumour), 2 (edema), 4 (enhancing tumour). */
  readonly labels: Uint8Array;
  /** The coarse fields that it was made from. */
  readonly head: Head;
  /** Which protocol, an index into SITES. */
  readonly site: number;
}

/** Standard deviation of a rater's border, mm, and how far along the border an error extends. */
const RATER_DEVIATION_MM = 0.7;
const RATER_CONTROL_MM = 7;

/** Islands of a label smaller than this are not drawn. */
const SMALLEST_ISLAND_ML = 0.03;

/**
 * Makes one subject of a cohort; it does not depend on the others, nor on how many there are.
 *
 * @param number 1 for the first subject.
 * @param frame Larger voxels than BraTS's make the same head faster, for tests.
 */
export function simulateSubject(
  anatomy: Anatomy,
  recipe: Pick<CohortRecipe, "name" | "version" | "seed">,
  number: number,
  frame: Frame = BRATS_FRAME,
): SimulatedSubject {
  const rng = Rng.fromSeed(recipe.seed).fork("cohort", recipe.name, recipe.version, "subject", number);
  const head = makeHead(rng.fork("head"), anatomy);
  const { site, protocol } = drawProtocol(rng.fork("protocol"));
  const table = signalTable(protocol, drawTissues(rng.fork("tissues")));
  const image = emptyImage(headBox(frame, head));
  const { box } = image;
  const rater = smoothNoise(rng.fork("rater"), head.tumour.lattice, RATER_CONTROL_MM).map(
    (value) => RATER_DEVIATION_MM * value,
  );
  renderHead(head, table, rater, image);
  removeIslands(image.labels, box.size, (SMALLEST_ISLAND_ML * 1000) / frame.spacingMm ** 3);
  const [nx, ny, nz] = frame.shape;
  const scanned = SEQUENCES.map((sequence, s): [Sequence, Int16Array] => {
    const white = table.plain[s]?.[TISSUES.indexOf("wm")] ?? 1;
    const ideal = image.signals[s] as Float32Array;
    const grey = scanImage(rng.fork("scan", sequence), box, ideal, image.brain, protocol[sequence], white);
    return [sequence, placeInFrame(box, grey, new Int16Array(nx * ny * nz))];
  });
  return {
    id: subjectId(number),
    frame,
    sequences: Object.fromEntries(scanned) as Record<Sequence, Int16Array>,
    labels: placeInFrame(box, image.labels, new Uint8Array(nx * ny * nz)),
    head,
    site,
  };
}
