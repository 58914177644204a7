/** Grey value of each class index in the annotation channel: BraTS label / 5 * 255. */
export const GREY_OF_CLASS = [0, 51, 102, 204] as const;

/**
 * The class that a grey value stands for: v > 153 is 3 (enhancing tumour), v > 76.5 is 2 (edema), v > 25.5
 * is 1 (necrotic core), everything else background.
 *
 * @param grey A value in [0, 255], whole or not; generated masks are neither clean nor on the codes.
 * @throws RangeError if it is NaN.
 * @see The study's segmentation code: r = 5 v / 255 against 3.0, 1.5 and 0.5.
 */
export function classOfGrey(grey: number): 0 | 1 | 2 | 3 {
  if (Number.isNaN(grey)) throw new RangeError("a mask has a NaN pixel");
  const r = (5 * grey) / 255;
  return r > 3 ? 3 : r > 1.5 ? 2 : r > 0.5 ? 1 : 0;
}

/** Class index 0 to 3 of each pixel of an annotation channel. */
export function decodeMask(grey: Uint8Array | Float32Array): Uint8Array {
  const classes = new Uint8Array(grey.length);
  if (grey instanceof Uint8Array)
    for (let i = 0; i < grey.length; i++) classes[i] = CLASS_OF_BYTE[grey[i] as number] as number;
  else for (let i = 0; i < grey.length; i++) classes[i] = classOfGrey(grey[i] as number);
  return classes;
}

/** Annotation channel of class indices. @throws RangeError if an index is not 0 to 3. */
export function encodeMask(classes: Uint8Array): Uint8Array {
  return classes.map((index) => {
    const grey = GREY_OF_CLASS[index];
    if (grey === undefined) throw new RangeError(`${index} is not a class index`);
    return grey;
  });
}

/** `classOfGrey` of each byte. */
export const CLASS_OF_BYTE: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, grey) =>
  classOfGrey(grey),
);
