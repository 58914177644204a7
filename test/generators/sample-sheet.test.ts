import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PNG } from "pngjs";
import { encodePng } from "../../lib/storage/encode-png";
import { InputError } from "../../lib/errors";
import {
  replaceSheets,
  readSheet,
  sampleSheet,
  SHEET_IMAGES,
  someSheets,
} from "../../lib/generators/sample-sheet";
import { temporaryFolder } from "../temporary-folder";

const test = suite("sample sheet");

/** Images that differ in every pixel and channel. */
function manyImages(size: number): Uint8Array {
  return Uint8Array.from({ length: SHEET_IMAGES * size ** 2 * 5 }, (_, i) => (i * 7 + (i >> 8)) % 256);
}

test("the images of a sheet are read back as they were", () => {
  for (const size of [8, 32, 64]) {
    const path = join(temporaryFolder(), "samples-000000100.png");
    writeFileSync(path, sampleSheet(manyImages(size), size));
    assert.equal(readSheet(path, size), manyImages(size));
  }
});

test("a sheet of sixteen images has eight rows of tiles and no more", () => {
  const png = sampleSheet(manyImages(32), 32);
  assert.equal([png.readUInt32BE(16), png.readUInt32BE(20)], [10 * 64, 8 * 64]);
});

test("the square sheets of earlier trainings are read as well", () => {
  const path = join(temporaryFolder(), "samples-000000100.png");
  const grey = new Uint8Array(640 * 640);
  grey.set(PNG.sync.read(sampleSheet(manyImages(32), 32)).data.filter((_, i) => i % 4 === 0));
  writeFileSync(path, encodePng({ width: 640, height: 640, channels: 1, bytes: grey }));
  assert.equal(readSheet(path, 32), manyImages(32));
});

test("a sheet of images of another size is refused", () => {
  const path = join(temporaryFolder(), "samples-000000100.png");
  writeFileSync(path, sampleSheet(manyImages(128), 128));
  assert.throws(
    () => readSheet(path, 32),
    (error: unknown) => error instanceof InputError,
  );
});

test("of many sheets the first, the last and some between are taken, in order", () => {
  const [from, to] = [temporaryFolder(), temporaryFolder()];
  for (let images = 100; images <= 1100; images += 100)
    writeFileSync(join(from, `samples-${String(images).padStart(9, "0")}.png`), "");
  const expected = [100, 300, 500, 700, 900, 1100];
  assert.equal(
    someSheets(from).map(({ imagesSeen }) => imagesSeen),
    expected,
  );
  replaceSheets(from, to);
  assert.equal(
    someSheets(to).map(({ imagesSeen }) => imagesSeen),
    expected,
  );
});

test.run();
