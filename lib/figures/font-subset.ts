import { InputError } from "../errors";

/** Tables of a TrueType font that a browser needs to set text; what else a file holds is left out. */
const KEPT = ["cmap", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "OS/2", "post", "prep"];
/** A composite glyph goes on with another component. */
const MORE_COMPONENTS = 0x20;
const ARGS_ARE_WORDS = 0x01;
const HAS_SCALE = 0x08;
const HAS_XY_SCALE = 0x40;
const HAS_MATRIX = 0x80;

/**
 * A TrueType font with the outlines of some characters alone, so that it is small enough to stand in a figure.
 * Glyphs keep their numbers: those that are not needed are empty.
 *
 * @param file The whole font. @param text Every character that is to be set.
 * @throws InputError if the file is no TrueType font with a Unicode table.
 */
export function subsetFont(file: Buffer, text: string): Buffer {
  const tables = readTables(file);
  const table = (name: string): Buffer => {
    const found = tables.get(name);
    if (found === undefined) throw new InputError("font", `has no table ${name}`);
    return found;
  };
  const head = Buffer.from(table("head"));
  const offsets = glyphOffsets(table("loca"), head.readInt16BE(50) === 1);
  const outlines = table("glyf");
  const outline = (glyph: number): Buffer => outlines.subarray(offsets[glyph] ?? 0, offsets[glyph + 1] ?? 0);
  const glyphs = withComponents([0, ...glyphsOf(table("cmap"), text)], outline);
  const kept = Array.from({ length: offsets.length - 1 }, (_, glyph) =>
    glyphs.has(glyph) ? outline(glyph) : Buffer.alloc(0),
  );
  const loca = Buffer.alloc(4 * offsets.length);
  let end = 0;
  kept.forEach((glyph, i) => {
    end += glyph.length;
    loca.writeUInt32BE(end, 4 * (i + 1));
  });
  head.writeInt16BE(1, 50); // Offsets of glyphs are of four bytes.
  const changed = new Map([
    ["head", head],
    ["loca", loca],
    ["glyf", Buffer.concat(kept)],
    ["post", postWithoutNames(table("post"))],
  ]);
  return writeTables(
    KEPT.flatMap((name) => {
      const bytes = changed.get(name) ?? tables.get(name);
      return bytes === undefined ? [] : [[name, bytes] as const];
    }),
  );
}

function readTables(file: Buffer): ReadonlyMap<string, Buffer> {
  if (file.length < 12 || file.readUInt32BE(0) !== 0x00010000)
    throw new InputError("font", "is not a TrueType file");
  return new Map(
    Array.from({ length: file.readUInt16BE(4) }, (_, i) => {
      const entry = 12 + 16 * i;
      const [offset, length] = [file.readUInt32BE(entry + 8), file.readUInt32BE(entry + 12)];
      return [file.toString("latin1", entry, entry + 4), file.subarray(offset, offset + length)];
    }),
  );
}

function glyphOffsets(loca: Buffer, long: boolean): readonly number[] {
  return long
    ? Array.from({ length: loca.length / 4 }, (_, i) => loca.readUInt32BE(4 * i))
    : Array.from({ length: loca.length / 2 }, (_, i) => 2 * loca.readUInt16BE(2 * i));
}

/** Glyphs of the characters of a text, by the font's Unicode table (format 4). */
function glyphsOf(cmap: Buffer, text: string): readonly number[] {
  const places = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(8 + 8 * i));
  const at = places.find((place) => cmap.readUInt16BE(place) === 4);
  if (at === undefined) throw new InputError("font", "has no Unicode table of format 4");
  const segments = cmap.readUInt16BE(at + 6) / 2;
  const word = (list: number, segment: number): number =>
    cmap.readUInt16BE(at + 14 + 2 * segments * list + (list > 0 ? 2 : 0) + 2 * segment);
  return [...new Set(text)].flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    for (let segment = 0; segment < segments; segment++) {
      if (word(0, segment) < code) continue;
      const first = word(1, segment);
      if (first > code) return [];
      const [delta, range] = [word(2, segment), word(3, segment)];
      if (range === 0) return [(code + delta) & 0xffff];
      const here = at + 16 + 6 * segments + 2 * segment;
      const glyph = cmap.readUInt16BE(here + range + 2 * (code - first));
      return glyph === 0 ? [] : [(glyph + delta) & 0xffff];
    }
    return [];
  });
}

/** The glyphs and those that they are composed of. */
function withComponents(glyphs: readonly number[], outline: (glyph: number) => Buffer): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...glyphs];
  for (let glyph = open.pop(); glyph !== undefined; glyph = open.pop()) {
    if (found.has(glyph)) continue;
    found.add(glyph);
    open.push(...componentsOf(outline(glyph)));
  }
  return found;
}

function componentsOf(outline: Buffer): readonly number[] {
  if (outline.length === 0 || outline.readInt16BE(0) >= 0) return [];
  const components: number[] = [];
  let [at, flags] = [10, MORE_COMPONENTS];
  while ((flags & MORE_COMPONENTS) !== 0) {
    flags = outline.readUInt16BE(at);
    components.push(outline.readUInt16BE(at + 2));
    const scale = flags & HAS_SCALE ? 2 : flags & HAS_XY_SCALE ? 4 : flags & HAS_MATRIX ? 8 : 0;
    at += 4 + (flags & ARGS_ARE_WORDS ? 4 : 2) + scale;
  }
  return components;
}

/** The table of PostScript names, without the names. */
function postWithoutNames(post: Buffer): Buffer {
  const short = Buffer.from(post.subarray(0, 32));
  short.writeUInt32BE(0x00030000, 0);
  return short;
}

function writeTables(tables: readonly (readonly [string, Buffer])[]): Buffer {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  const power = 2 ** Math.floor(Math.log2(sorted.length));
  const header = Buffer.alloc(12 + 16 * sorted.length);
  header.writeUInt32BE(0x00010000, 0);
  header.writeUInt16BE(sorted.length, 4);
  header.writeUInt16BE(16 * power, 6);
  header.writeUInt16BE(Math.log2(power), 8);
  header.writeUInt16BE(16 * (sorted.length - power), 10);
  let offset = header.length;
  const padded = sorted.map(([name, bytes], i) => {
    const block = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
    header.write(name, 12 + 16 * i, "latin1");
    header.writeUInt32BE(checksum(block), 16 + 16 * i);
    header.writeUInt32BE(offset, 20 + 16 * i);
    header.writeUInt32BE(bytes.length, 24 + 16 * i);
    offset += block.length;
    return block;
  });
  return Buffer.concat([header, ...padded]);
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < block.length; at += 4) sum = (sum + block.readUInt32BE(at)) >>> 0;
  return sum;
}
