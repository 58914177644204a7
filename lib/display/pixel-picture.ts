import { createRequire } from "node:module";

type Colour = readonly [red: number, green: number, blue: number];

/**
 * A picture from its pixels.
 *
 * @param colourAt Values in [0, 255]; what lies outside is cut off.
 * @returns PNG, base64.
 */
export function pngOfPixels(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
): string {
  // Loaded when a picture is shown: importing the library must stay quick.
  const { encodePng } = createRequire(__filename)(
    "../storage/encode-png",
  ) as typeof import("../storage/encode-png");
  const bytes = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x, y);
      const at = 3 * (y * width + x);
      for (let channel = 0; channel < 3; channel++)
        bytes[at + channel] = Math.max(0, Math.min(255, Math.round(colour[channel] as number)));
    }
  return encodePng({ width, height, channels: 3, bytes }).toString("base64");
}
