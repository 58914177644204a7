import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../../lib/setup/project";
import { withFolder } from "./temporary-folder";

const test = suite("set-up commands");

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function main(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; node?: readonly string[]; root?: string } = {},
): Run {
  const entry = join(options.root ?? ROOT, "lib", "setup", "main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), entry, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...options.env },
  });
  return { status, stdout, stderr };
}

interface Report {
  readonly ok: boolean;
  readonly backend: { readonly backend: string };
  readonly versions: Record<string, string | null>;
  readonly disk: { readonly cacheFolder: string; readonly project: number };
  readonly missing: readonly { readonly what: string; readonly remedy: string; readonly needed: boolean }[];
}

test("doctor --json tells versions, disk, cache and what is missing, with the line that mends it", () =>
  withFolder((cache) => {
    const { status, stdout } = main(["doctor", "--json"], { env: { SYNTHMR_CACHE: cache } });
    const report = JSON.parse(stdout) as Report;
    assert.is(status, report.ok ? 0 : 1);
    assert.is(report.versions["node"], process.versions.node);
    assert.is(report.disk.cacheFolder, cache);
    assert.ok(report.disk.project > 0);
    const atlas = report.missing.find(({ what }) => what.startsWith("SRI24 atlas"));
    assert.equal(atlas?.needed, false);
    assert.ok(report.missing.every(({ remedy }) => remedy.length > 0));
  }));

test("doctor works in a clone that nothing was installed in, and leaves with exit code 1", () =>
  withFolder((folder) => {
    // The set-up's own files are all that it may use.
    const copied = spawnSync("cp", [
      "-r",
      join(ROOT, "lib"),
      join(ROOT, "data-manifests"),
      join(ROOT, "package.json"),
      folder,
    ]);
    assert.is(copied.status, 0);
    mkdirSync(join(folder, "cache"));
    const { status, stdout } = main(["doctor"], {
      root: folder,
      env: { SYNTHMR_CACHE: join(folder, "cache") },
    });
    assert.is(status, 1);
    assert.match(stdout, /missing \(needed\): npm packages\n {2}to mend: npm run synthmr -- setup/);
  }));

test("doctor refuses an argument that it does not know with exit code 2", () => {
  const { status, stderr } = main(["doctor", "--jsno"]);
  assert.is(status, 2);
  assert.match(stderr, /unknown argument --jsno/);
});

for (const version of ["18.20.4", "25.1.0"]) {
  test(`Node ${version} is refused in one line`, () =>
    withFolder((folder) => {
      const disguise = join(folder, "disguise.cjs");
      writeFileSync(disguise, `Object.defineProperty(process.versions, "node", { value: "${version}" });`);
      const { status, stdout, stderr } = main(["test"], { node: ["-r", disguise] });
      assert.is(status, 2);
      assert.is(stdout, "");
      assert.is(stderr, `synthmr: Node ${version} is not supported. Install Node 20, 22 or 24.\n`);
    }));
}

test("a cache folder that cannot be made is named, with what to do", () =>
  withFolder((folder) => {
    writeFileSync(join(folder, "file"), "");
    const cache = join(folder, "file", "cache");
    const { status, stderr } = main(["setup"], { env: { SYNTHMR_CACHE: cache } });
    assert.is(status, 1);
    assert.is(
      stderr,
      `synthmr: ${cache}: the cache folder cannot be made (ENOTDIR). To mend: set SYNTHMR_CACHE to a folder you can write\n`,
    );
  }));

test.run();
