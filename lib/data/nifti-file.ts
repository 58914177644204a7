import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { explainFileError, InputError } from "../errors";
import { gunzipOpening, gunzipWhole, isGzip, LARGEST_GZIP_RATIO } from "./gzip";
import { readHeader, type NiftiHeader } from "./nifti-header";

/** A NIfTI image in memory: its header, and its voxels as they stand in the file. */
export interface NiftiContent {
  readonly header: NiftiHeader;
  /** As many bytes as the header promises, uncompressed; the reader may change them in place. */
  readonly stored: Buffer;
}

/** Enough of a file, compressed or not, for either header. */
const OPENING_BYTES = 8192;

/** Nothing that is read here comes near: a BraTS volume of doubles is 71 MB, four of them in one file 286 MB. */
const LARGEST_IMAGE_BYTES = 2 ** 31;

/** Share of the free memory that the voxels of one file may take; decoding holds them twice. */
const MEMORY_SHARE = 1 / 3;

/**
 * Reads the header and the voxels of a NIfTI image: `.nii`, `.nii.gz`, or either half of a `.hdr`/`.img` pair.
 * What the header promises is held against the file's size and the memory before anything is allocated.
 *
 * @throws InputError if a file is missing, no regular file, cut short, damaged, or promises too much.
 */
export function readNiftiFile(path: string): NiftiContent {
  const headerPath = headerOf(path);
  return withFile(headerPath, (file) => {
    const opening = readBytes(file, headerPath, Math.min(file.size, OPENING_BYTES));
    const header = readHeader(headerPath, isGzip(opening) ? gunzipOpening(headerPath, opening) : opening);
    if (!header.pair) return { header, stored: readStored(headerPath, file, opening, header) };
    const imagePath = imageOf(headerPath);
    return withFile(imagePath, (image) => {
      const start = readBytes(image, imagePath, Math.min(image.size, OPENING_BYTES));
      return { header, stored: readStored(imagePath, image, start, header) };
    });
  });
}

interface OpenFile {
  readonly descriptor: number;
  readonly size: number;
}

/** The voxels of a file whose first bytes are at hand. */
function readStored(path: string, file: OpenFile, opening: Buffer, header: NiftiHeader): Buffer {
  const [x, y, z] = header.shape;
  const voxelBytes = x * y * z * header.frames * header.type.bytes;
  const promised = header.offset + voxelBytes;
  const compressed = isGzip(opening);
  const short = (found: number | undefined): InputError => cutShort(path, header, voxelBytes, found);
  if (!(promised <= file.size * (compressed ? LARGEST_GZIP_RATIO : 1)))
    throw short(compressed ? undefined : Math.max(0, file.size - header.offset));
  checkMemory(path, promised);
  if (!compressed) return readBytes(file, path, voxelBytes, header.offset);
  // Deflate hardly ever makes data longer: a file this much larger than its content holds something else.
  if (file.size > 1.01 * promised + 2 ** 20)
    throw new InputError(path, "holds more data than its header promises");
  const content = gunzipWhole(path, readBytes(file, path, file.size), promised);
  if (content.byteLength < promised) throw short(Math.max(0, content.byteLength - header.offset));
  return content.subarray(header.offset, promised);
}

function checkMemory(path: string, bytes: number): void {
  const limit = Math.min(LARGEST_IMAGE_BYTES, MEMORY_SHARE * process.availableMemory());
  if (bytes <= limit) return;
  const gib = (count: number): string => (count / 2 ** 30).toFixed(1);
  throw new InputError(
    path,
    `promises ${gib(bytes)} GiB of voxels, more than the ${gib(limit)} GiB allowed here`,
  );
}

/** Opens a regular file, following links; a pipe or a device would have no end. */
function withFile<T>(path: string, read: (file: OpenFile) => T): T {
  let descriptor: number;
  try {
    // Without O_NONBLOCK the mere opening of a pipe would wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new InputError(path, "is a folder, expected a NIfTI file");
    if (!stat.isFile()) throw new InputError(path, "is not a regular file");
    return read({ descriptor, size: stat.size });
  } finally {
    closeSync(descriptor);
  }
}

function readBytes({ descriptor }: OpenFile, path: string, length: number, position = 0): Buffer {
  if (length > LARGEST_IMAGE_BYTES) throw new InputError(path, "is larger than 2 GiB");
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const read = readSync(descriptor, bytes, done, length - done, position + done);
    if (read === 0) throw new InputError(path, "is cut short: it became shorter while it was read");
    done += read;
  }
  return bytes;
}

/** The file with the header: of a pair the other half may be compressed or not. */
function headerOf(path: string): string {
  const [, stem, ending, compressed = ""] = /^(.*)\.(img)(\.gz)?$/i.exec(path) ?? [];
  if (stem === undefined || ending === undefined) return path;
  const header = `${stem}.${sameCase("hdr", ending)}`;
  return [`${header}${compressed}`, header].find((candidate) => existsSync(candidate)) ?? header;
}

/** The file with the voxels of a pair. */
function imageOf(headerPath: string): string {
  const stem = headerPath.replace(/\.hdr(\.gz)?$/i, "");
  const ending = sameCase("img", headerPath.slice(stem.length + 1, stem.length + 4));
  const candidates = [`${stem}.${ending}`, `${stem}.${ending}.gz`];
  const found = stem === headerPath ? undefined : candidates.find((path) => existsSync(path));
  if (found === undefined)
    throw new InputError(headerPath, `is half of a .hdr/.img pair, and its other half is missing`);
  return found;
}

/** A word in capitals where the one that it replaces is. */
function sameCase(word: string, replaced: string): string {
  return replaced === replaced.toUpperCase() ? word.toUpperCase() : word;
}

function cutShort(
  path: string,
  header: NiftiHeader,
  promised: number,
  found: number | undefined,
): InputError {
  const shape = [...header.shape, ...(header.frames > 1 ? [header.frames] : [])].join(" x ");
  const wanted = `its header promises ${shape} ${header.type.name} voxels, ${promised} bytes`;
  return new InputError(path, `is cut short: ${wanted}${found === undefined ? "" : `; it holds ${found}`}`);
}
