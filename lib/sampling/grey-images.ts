/** Network values of an image, about [-1, 1], as 8-bit grey values: scaled to [0, 255] and clipped. */

/** Rounded down, as the samplers of guided-diffusion do. */
export function roundedDown(images: ArrayLike<number>): Uint8Array {
  const grey = new Uint8Array(images.length);
  for (let i = 0; i < grey.length; i++) grey[i] = limited(((images[i] as number) + 1) * 127.5);
  return grey;
}

/** Rounded to the nearest, as the scripts of all four GANs do (x 127.5 + 128, cut off). */
export function roundedToNearest(images: ArrayLike<number>): Uint8Array {
  const grey = new Uint8Array(images.length);
  for (let i = 0; i < grey.length; i++) grey[i] = limited((images[i] as number) * 127.5 + 128);
  return grey;
}

/** What is left to do, cutting off what follows the point, an array of bytes does itself. */
function limited(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
