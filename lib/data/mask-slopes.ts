import { decodeMask, GREY_OF_CLASS } from "./mask-code";

const [BACKGROUND, CORE, EDEMA] = [0, 1, 2] as const;

/** Grey values off a code that rounding explains. */
const ON_CODE = 1;

/** Halfway between the codes of background and edema, which is the core's code. */
const MIDDLE = (GREY_OF_CLASS[BACKGROUND] + GREY_OF_CLASS[EDEMA]) / 2;

/** Grey values by which the sides of a trough rise above its floor. */
const TROUGH_DEPTH = 8;

/**
 * Class index of each pixel of a mask that may be blurred. The codes are no scale of anything: the core's (51) lies
 * between those of background (0) and edema (102), though its place is inside the tumour. So a network that paints
 * soft edges moves pixels across the codes of others, in two ways that can be told from the pixels around:
 *
 * - Rim. The slope from edema to background passes the core's code. A pixel that the thresholds take for core and
 *   that touches background with a side is background or edema, whichever code is nearer.
 * - Trough. Core within a ring of enhancing tumour (204) is lifted by it. A pixel that the thresholds take for edema,
 *   that touches no background and lies lower than both its neighbours in its row or in its column is core.
 *
 * Pixels on their code keep their class, so that masks of codes only, as real ones are, stay as they are.
 *
 * @param grey [H, W], 0 to 255. @param size W.
 */
export function decodeSlopes(grey: Uint8Array, size: number): Uint8Array {
  const flat = decodeMask(grey);
  return flat.map((found, i) => {
    const value = grey[i] as number;
    if ((found !== CORE && found !== EDEMA) || Math.abs(value - GREY_OF_CLASS[found]) <= ON_CODE)
      return found;
    const outside = touchesBackground(flat, size, i);
    if (found === CORE && outside) return value > MIDDLE ? EDEMA : BACKGROUND;
    return found === EDEMA && !outside && isTrough(grey, size, i) ? CORE : found;
  });
}

/** Whether a side of a pixel is one of background's; the image's edge is none. */
function touchesBackground(classes: Uint8Array, size: number, i: number): boolean {
  const column = i % size;
  return (
    classes[i - size] === BACKGROUND ||
    classes[i + size] === BACKGROUND ||
    (column > 0 && classes[i - 1] === BACKGROUND) ||
    (column < size - 1 && classes[i + 1] === BACKGROUND)
  );
}

function isTrough(grey: Uint8Array, size: number, i: number): boolean {
  const column = i % size;
  const least = (grey[i] as number) + TROUGH_DEPTH;
  // Beyond the first and the last row there is nothing, and no comparison with nothing holds.
  const inColumn = (grey[i - size] as number) > least && (grey[i + size] as number) > least;
  const inRow = (grey[i - 1] as number) > least && (grey[i + 1] as number) > least;
  return inColumn || (inRow && column > 0 && column < size - 1);
}
