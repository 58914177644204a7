import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromJSONSchema } from "zod";
import { FOLDER, readManifest } from "../../lib/setup/manifest";

const test = suite("wheel manifests");
const schema = fromJSONSchema(JSON.parse(readFileSync(join(FOLDER, "manifest.schema.json"), "utf8")));
const names = readdirSync(FOLDER)
  .sort()
  .filter((name) => name.endsWith(".json") && name !== "manifest.schema.json")
  .map((name) => name.replace(".json", ""))
  .filter((name) => "wheels" in (JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as object));

test("there is one for each kind of file that the set-up fetches", () => {
  assert.equal(names, ["efficientnet-lite0", "sri24", "tensorflow-cpu", "tensorflow-gpu"]);
});

for (const name of names) {
  test(`${name} follows the schema`, () => {
    const result = schema.safeParse(readManifest(name));
    assert.ok(result.success, result.error?.message);
  });
}

test("the schema refuses a hash that is none, and a path that leaves the folder", () => {
  const manifest = readManifest("sri24");
  const [wheel] = manifest.wheels;
  assert.not.ok(schema.safeParse({ ...manifest, wheels: [{ ...wheel, sha256: "abc" }] }).success);
  assert.not.ok(schema.safeParse({ ...manifest, folder: "../elsewhere" }).success);
});

test("files of the CPU library, of the atlas and of weights are pinned one by one, and their sizes add up", () => {
  for (const name of ["efficientnet-lite0", "sri24", "tensorflow-cpu"]) {
    const manifest = readManifest(name);
    const files = manifest.wheels.flatMap((wheel) => wheel.files ?? []);
    assert.ok(files.length > 0 && files.every(({ sha256 }) => sha256 !== undefined));
    const sum = files.reduce((bytes, file) => bytes + (file.sizeBytes ?? 0), 0);
    assert.is(sum, manifest.unpackedBytes);
  }
});

test.run();
