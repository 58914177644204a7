import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { croissantOf } from "../../lib/data/croissant";
import { DATASET_MANIFEST_SCHEMA, datasetNames, readDatasetManifest } from "../../lib/data/dataset-manifest";
import { FOLDER, readManifest } from "../../lib/setup/manifest";
import { failsNaming } from "./input-fault";

const test = suite("manifests of data sets");

test("have the schema that stands beside them", () => {
  const schema: unknown = JSON.parse(readFileSync(join(FOLDER, "datasets", "dataset.schema.json"), "utf8"));
  assert.equal(schema, JSON.parse(JSON.stringify(z.toJSONSchema(DATASET_MANIFEST_SCHEMA))));
});

test("there is one for each file from outside that the project can use", () => {
  assert.equal(datasetNames(), ["brats2020", "brats2021", "brgandi", "decathlon-task01", "sri24"]);
  for (const name of datasetNames()) assert.is(readDatasetManifest(name).name, name);
  failsNaming(() => readDatasetManifest("../sri24"), "../sri24", "brats2020, brats2021");
});

test("packages are named with the files, sizes and hashes that the set-up checks", () => {
  for (const { access, files } of datasetNames().map(readDatasetManifest)) {
    if (access.kind !== "package") continue;
    const wheelFiles = readManifest(access.manifest).wheels.flatMap((wheel) => wheel.files ?? []);
    assert.equal(
      files.map(({ name, bytes, sha256 }) => [name, bytes, sha256]),
      wheelFiles.map(({ to, sizeBytes, sha256 }) => [to, sizeBytes, sha256]),
    );
  }
});

test("what needs an agreement tells its steps, its terms and that nothing is passed on", () => {
  for (const name of ["brats2020", "brats2021", "brgandi"]) {
    const { access, redistribution, citation } = readDatasetManifest(name);
    assert.ok(access.kind === "agreement" && access.steps.length >= 3);
    assert.match(redistribution, /uploads nothing/);
    assert.ok(citation.length >= 2);
  }
});

test("become Croissant: a file object where the hash is known, a file set within a folder elsewhere", () => {
  const atlas = croissantOf(readDatasetManifest("sri24"));
  const objects = atlas["distribution"] as readonly Record<string, unknown>[];
  assert.equal(
    objects.map((object) => object["@type"]),
    Array(4).fill("cr:FileObject"),
  );
  assert.match(String(objects[0]?.["sha256"]), /^[0-9a-f]{64}$/);
  const cohort = croissantOf(readDatasetManifest("brats2020"));
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
