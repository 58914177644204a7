/** Network values of an image, about [-1, 1], as 8-bit grey values: scaled to [0, 255] and clipped. */

/** Rounded down, as the samplers of guided-diffusion do. */
export function roundedDown(images: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(images, (x) => Math.min(255, Math.max(0, Math.floor((x + 1) * 127.5))));
}

/** Rounded to the nearest, as the scripts of all four GANs do (x 127.5 + 128, cut off). */
export function roundedToNearest(images: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(images, (x) => Math.min(255, Math.max(0, Math.floor(x * 127.5 + 128))));
}
