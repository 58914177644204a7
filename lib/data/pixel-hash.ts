import { createHash } from "node:crypto";
import { pixelsOf, type SliceSource } from "./sharded-slices";

/** SHA-256 over the pixels of all slices in their order, read one at a time: names what a network was trained on. */
export function pixelHash(slices: SliceSource): string {
  const hash = createHash("sha256");
  for (let n = 0; n < slices.count; n++) hash.update(pixelsOf(slices, n));
  return hash.digest("hex");
}
