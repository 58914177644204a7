import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packagesMatch } from "../../lib/setup/packages";
import { withFolder } from "./temporary-folder";

const test = suite("packages");

interface Locked {
  readonly version: string;
  readonly integrity: string;
  readonly optional?: boolean;
}
const wanted: Record<string, Locked> = {
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b": { version: "2.0.0", integrity: "sha512-b" },
  "node_modules/c-win32": { version: "2.0.0", integrity: "sha512-c", optional: true },
};

/** A project with this lockfile and these packages, listed as npm lists what it has installed. */
function project(root: string, installed: Record<string, Locked>): void {
  writeFileSync(
    join(root, "package-lock.json"),
    JSON.stringify({ packages: { "": { name: "x" }, ...wanted } }),
  );
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
  for (const path of Object.keys(installed)) {
    mkdirSync(join(root, path));
    writeFileSync(join(root, path, "package.json"), "{}");
  }
}

const { "node_modules/c-win32": forWindows, ...here } = wanted;

test("the packages of the lockfile match, without the optional ones of other platforms", () =>
  withFolder((root) => {
    project(root, here);
    assert.ok(packagesMatch(root));
    assert.ok(forWindows?.optional);
  }));

test("a missing package, another version or other content does not match", async () => {
  const { "node_modules/a": a, "node_modules/b": b } = here;
  if (a === undefined || b === undefined) throw new Error("the lockfile above has both");
  const others: Record<string, Locked>[] = [
    { "node_modules/a": a },
    { ...here, "node_modules/b": { ...b, version: "2.0.1" } },
    { ...here, "node_modules/b": { ...b, integrity: "sha512-other" } },
  ];
  for (const installed of others)
    await withFolder((root) => {
      project(root, installed);
      assert.not.ok(packagesMatch(root));
    });
});

test("an installation that was interrupted, without npm's list, does not match", () =>
  withFolder((root) => {
    writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: wanted }));
    assert.not.ok(packagesMatch(root));
    mkdirSync(join(root, "node_modules"));
    writeFileSync(join(root, "node_modules", ".package-lock.json"), '{"packages": {');
    assert.not.ok(packagesMatch(root));
  }));

test.run();
