import { createHash } from "node:crypto";

/** SHA-256 of bytes, hexadecimal. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * A name for a value: the same for equal values whatever the order of their keys.
 *
 * @returns The first 16 hexadecimal digits of the SHA-256 of the value as JSON with sorted keys.
 */
export function contentHash(value: unknown): string {
  return sha256(Buffer.from(JSON.stringify(sortKeys(value)))).slice(0, 16);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}
