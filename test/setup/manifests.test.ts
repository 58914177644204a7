import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FILE_MANIFEST_SCHEMA, readFileManifest } from "../../lib/data/file-manifest";
import { manifestNames, readManifest } from "../../lib/setup/manifest";

const test = suite("manifests of wheels");
const names = manifestNames().filter((name) => readFileManifest(name).access.kind === "package");

test("there is one for each kind of file that the set-up fetches", () => {
  assert.equal(names, ["efficientnet-lite0", "sri24", "tensorflow-cpu", "tensorflow-gpu"]);
});

test("what no package holds is refused", () => {
  assert.throws(() => readManifest("brats2020"), /no package holds brats2020/);
});

test("the schema refuses a hash that is none, and a path that leaves the folder", () => {
  const manifest = readFileManifest("sri24");
  const { access } = manifest;
  if (access.kind !== "package") throw new Error("a package holds the atlas");
  const [wheel] = access.wheels;
  const accepts = (changed: object): boolean =>
    FILE_MANIFEST_SCHEMA.safeParse({ ...manifest, access: { ...access, ...changed } }).success;
  assert.ok(accepts({}));
  assert.not.ok(accepts({ wheels: [{ ...wheel, sha256: "abc" }] }));
  assert.not.ok(accepts({ wheels: [{ ...wheel, files: [{ path: "a", to: "../b" }] }] }));
  assert.not.ok(accepts({ wheels: [{ ...wheel, files: [{ path: "a/../../c", to: "b" }] }] }));
  assert.not.ok(accepts({ folder: "../elsewhere" }));
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
