import { constants, deflateRawSync, gunzipSync } from "node:zlib";
import { InputError } from "../errors";
import { crc32 } from "../setup/crc32";

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

/**
 * Parts compressed as one gzip member without joining them first; the same parts give the same bytes.
 *
 * @returns The pieces of the file, in order.
 * @see RFC 1952, section 2.3.
 */
export function gzip(parts: readonly Uint8Array[]): readonly Buffer[] {
  const checksum = parts.reduce((crc, part) => crc32(part, crc), 0);
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return [
    MEMBER_HEADER,
    ...parts.map((part) => deflate(part, false)),
    deflate(new Uint8Array(0), true),
    trailer,
  ];
}

/** No name, no time: deflate, compressed for speed, written on Unix. */
const MEMBER_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);

/** A piece of a deflate stream that ends on a whole byte and refers to nothing before it. */
function deflate(part: Uint8Array, last: boolean): Buffer {
  const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  return deflateRawSync(part, { level: LEVEL, memLevel: 9, chunkSize: 1 << 20, finishFlush });
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
