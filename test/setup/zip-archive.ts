import { deflateRawSync } from "node:zlib";
import { crc32 } from "../../lib/setup/crc32";

/** One file of a made archive; the last fields spoil it. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: Buffer;
  readonly stored?: boolean;
  readonly wrongCrc?: boolean;
  readonly claimedBytes?: number;
}

/** A zip archive in memory: local headers and data, the central directory, the end record. */
export function zipArchive(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const data = file.stored === true ? file.content : deflateRawSync(file.content);
    const name = Buffer.from(file.name);
    const fields = Buffer.alloc(26); // What both kinds of header share, from the version on.
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(file.stored === true ? 0 : 8, 4);
    fields.writeUInt32LE((crc32(file.content) ^ (file.wrongCrc === true ? 1 : 0)) >>> 0, 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(file.claimedBytes ?? file.content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14); // Comment, disk, attributes, offset of the local header.
    place.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, name, data]);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, place, name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
