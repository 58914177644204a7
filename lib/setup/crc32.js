const zlib = require("node:zlib");

/** @type {Uint32Array | undefined} */
let table;

/**
 * CRC-32 as zip archives use it, by zlib where Node has it (20.15, 22.2 and later), else by a table.
 *
 * @param {Uint8Array} bytes
 * @param {number} [start] The CRC of the bytes before.
 * @returns {number} 32 bits, unsigned.
 * @see PKWARE APPNOTE 6.3.10, section 4.4.7.
 */
function crc32(bytes, start = 0) {
  // zlib takes no bytes for a request to begin anew.
  if (bytes.length === 0) return start;
  return "crc32" in zlib ? zlib.crc32(bytes, start) : tableCrc32(bytes, start);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} [start]
 */
function tableCrc32(bytes, start = 0) {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n >>> 0;
  });
  let crc = ~start;
  for (let i = 0; i < bytes.length; i++)
    crc = (crc >>> 8) ^ /** @type {number} */ (table[(crc ^ /** @type {number} */ (bytes[i])) & 0xff]);
  return ~crc >>> 0;
}

module.exports = { crc32, tableCrc32 };
