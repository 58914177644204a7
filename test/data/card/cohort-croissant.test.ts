import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeCohortCard } from "../../../lib/data/card/cohort-card";
import { cohortCroissant, croissantSchema } from "../../../lib/data/card/cohort-croissant";
import { DEFAULT_VERSION } from "../../../lib/data/simulation/simulation-version";
import { sha256 } from "../../../lib/storage/content-hash";
import { PROJECT_ROOT } from "../../../lib/storage/project-root";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("cohort card");
const facts = { name: "simulated-glioma", version: DEFAULT_VERSION, anatomy: "sri24" } as const;

test("the description in the project is that of this version, with what Croissant 1.0 requires", () => {
  const path = join(PROJECT_ROOT, "data-manifests", "simulated-glioma", "croissant.json");
  const written: unknown = JSON.parse(readFileSync(path, "utf8"));
  assert.equal(written, JSON.parse(JSON.stringify(cohortCroissant(facts))));
  croissantSchema.parse(written);
});

test("the card beside a cohort says simulated, names the licence and its source, and knows its recipe", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "cohort.json"), "{}");
  writeCohortCard(folder, { ...facts, seed: 5, subjects: 3 });
  assert.equal(readdirSync(folder).sort(), ["README.md", "cohort.json", "croissant.json"]);
  const card = readFileSync(join(folder, "README.md"), "utf8");
  for (const part of ["no image in this folder is of a person", "CC BY-SA 3.0", "Rohlfing", "seed 5"])
    assert.ok(card.includes(part), part);
  const croissant = croissantSchema.parse(JSON.parse(readFileSync(join(folder, "croissant.json"), "utf8")));
  const [first] = croissant.distribution;
  assert.is(first?.["sha256"], sha256(Buffer.from("{}")));
  assert.match(croissant.description, /^Simulated .* 3 subjects, seed 5/);
});

test("without the atlas the licence is another", () => {
  const croissant = croissantSchema.parse(cohortCroissant({ ...facts, anatomy: "analytic" }));
  assert.match(croissant.license, /publicdomain\/zero/);
});

test.run();
