import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { croissantOf } from "../../lib/data/croissant";
import { FILE_MANIFEST_SCHEMA, readFileManifest } from "../../lib/data/file-manifest";
import { MANIFESTS, manifestNames } from "../../lib/setup/manifest";
import { failsNaming } from "./input-fault";

const test = suite("manifests of files from outside");
const manifests = manifestNames().map(readFileManifest);

test("have the schema that stands beside them", () => {
  const schema: unknown = JSON.parse(readFileSync(join(MANIFESTS, "manifest.schema.json"), "utf8"));
  assert.equal(schema, JSON.parse(JSON.stringify(z.toJSONSchema(FILE_MANIFEST_SCHEMA))));
});

test("there is one for everything from outside that the project can use", () => {
  assert.equal(
    manifests.map(({ name, access }) => [name, access.kind]),
    [
      ["brats2020", "agreement"],
      ["brats2021", "agreement"],
      ["brgandi", "agreement"],
      ["decathlon-task01", "download"],
      ["efficientnet-lite0", "package"],
      ["inception-fid", "download"],
      ["sri24", "package"],
      ["tensorflow-cpu", "package"],
      ["tensorflow-gpu", "package"],
    ],
  );
  assert.equal(
    manifests.map(({ name }) => name),
    manifestNames(),
  );
});

test("a name that is not there, or leads out of the folder, is refused with those that are", () => {
  failsNaming(() => readFileManifest("brats2022"), "brats2022", "brats2020, brats2021");
  failsNaming(() => readFileManifest("../package"), "../package", "brats2020, brats2021");
});

test("every file of a wheel stands in the list of files, which holds its size and hash", () => {
  for (const { name, access, files } of manifests) {
    if (access.kind !== "package") continue;
    const listed = files.map((file) => file.name);
    const wanted = access.wheels.flatMap((wheel) => wheel.files ?? []).map(({ to }) => to);
    const missing = wanted.filter((to) => !listed.includes(to));
    assert.equal(missing, [], name);
  }
});

test("what is not fetched tells its steps; of patients nothing is passed on", () => {
  for (const { name, access, redistribution, citation } of manifests) {
    if (access.kind === "package") continue;
    assert.ok(access.steps.length >= 3, name);
    if (access.kind === "agreement") assert.match(redistribution, /uploads nothing/);
    if (access.kind === "agreement") assert.ok(citation.length >= 2);
  }
});

test("become Croissant: a file object where the hash is known, a file set within a folder elsewhere", () => {
  const atlas = croissantOf(readFileManifest("sri24"));
  const objects = atlas["distribution"] as readonly Record<string, unknown>[];
  assert.equal(
    objects.map((object) => object["@type"]),
    Array(4).fill("cr:FileObject"),
  );
  assert.match(String(objects[0]?.["sha256"]), /^[0-9a-f]{64}$/);
  const cohort = croissantOf(readFileManifest("brats2020"));
  const sets = cohort["distribution"] as readonly Record<string, unknown>[];
  assert.equal(
    sets.map((object) => object["@type"]),
    Array(6).fill("cr:FileSet"),
  );
  assert.equal(sets[1]?.["containedIn"], { "@id": "brats2020-folder" });
  assert.is(cohort["version"], "2020.0.0");
  assert.is(cohort["conformsTo"], "http://mlcommons.org/croissant/1.0");
});

test.run();
