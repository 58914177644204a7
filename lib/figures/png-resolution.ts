import { crc32 } from "node:zlib";

const SIGNATURE_AND_HEADER_BYTES = 8 + 25;

/**
 * Writes the resolution into a PNG file (chunk pHYs, after the header), so that word processors place it at
 * its size on paper.
 *
 * @param dotsPerInch Resolution, e.g. 300.
 */
export function withResolution(png: Uint8Array, dotsPerInch: number): Buffer {
  const dotsPerMetre = Math.round(dotsPerInch / 0.0254);
  const chunk = Buffer.alloc(21);
  chunk.writeUInt32BE(9, 0);
  chunk.write("pHYs", 4, "latin1");
  chunk.writeUInt32BE(dotsPerMetre, 8);
  chunk.writeUInt32BE(dotsPerMetre, 12);
  chunk.writeUInt8(1, 16); // The unit is the metre.
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17);
  return Buffer.concat([
    png.subarray(0, SIGNATURE_AND_HEADER_BYTES),
    chunk,
    png.subarray(SIGNATURE_AND_HEADER_BYTES),
  ]);
}
