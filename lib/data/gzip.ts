import { gunzipSync, gzipSync, constants } from "node:zlib";
import { InputError } from "../errors";

/** A byte of deflate gives at most 1032 bytes (zlib technical notes); no gzip file can hold more than this. */
export const LARGEST_GZIP_RATIO = 1032;

/**
 * Level 1 writes a BraTS-like volume in 50 ms where level 6 takes 90, at 4 % more bytes: skull-stripped
 * noise has little that a longer search could find.
 */
const LEVEL = 1;

/** Whether bytes open as a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The opening of a gzip file, whatever follows: its first bytes are inflated as far as they go.
 *
 * @returns At least the first 540 bytes where the file holds them; at most some megabytes.
 */
export function gunzipOpening(path: string, bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes.subarray(0, 8192), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw explainGzipError(path, error);
  }
}

/**
 * A whole gzip file: every member of it, each with its checksum and length verified.
 *
 * @param expectedBytes What the content is expected to hold; more than that plus a margin is refused, so that
 *   a small hostile file cannot fill the memory.
 * @throws InputError if the file is cut short, damaged or longer than expected.
 */
export function gunzipWhole(path: string, bytes: Uint8Array, expectedBytes: number): Buffer {
  const margin = 65_536;
  try {
    // One chunk for everything: pieces would have to be joined by a second copy.
    return gunzipSync(bytes, { maxOutputLength: expectedBytes + margin, chunkSize: expectedBytes + margin });
  } catch (error) {
    throw explainGzipError(path, error);
  }
}

/** Parts joined and compressed; the same parts give the same bytes. */
export function gzip(parts: readonly Uint8Array[]): Buffer {
  return gzipSync(parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts), {
    level: LEVEL,
    memLevel: 9,
    chunkSize: 1 << 20,
  });
}

function explainGzipError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "Z_BUF_ERROR":
      return new InputError(path, "is cut short: the gzip stream ends too early");
    case "Z_DATA_ERROR":
      return new InputError(path, `is damaged: ${error.message} in the gzip stream`);
    case "ERR_BUFFER_TOO_LARGE":
      return new InputError(path, "holds more data than its header promises");
    default:
      return error;
  }
}
