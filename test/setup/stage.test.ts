import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BUILT } from "../../lib/setup/addon";
import { stage } from "../../lib/setup/stage";
import { withFolder } from "./temporary-folder";

const test = suite("staging");

/** A cache with libraries of this content, and a built addon. */
function cache(folder: string, content: string): { libraries: string; addon: string } {
  const [libraries, addon] = [join(folder, `libraries-${content}`), join(folder, `addon-${content}`)];
  mkdirSync(join(libraries, "tensorflow"), { recursive: true });
  mkdirSync(addon);
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
    writeFileSync(join(libraries, "tensorflow", name), content);
  for (const name of BUILT) writeFileSync(join(addon, name), `addon ${content}`);
  return { libraries, addon };
}

test("libraries are linked under the names that tfjs-node knows, the addon is copied", () =>
  withFolder((folder) => {
    const { libraries, addon } = cache(folder, "one");
    const target = join(folder, "tfjs-node");
    const staged = stage(libraries, addon, target);
    const core = join(libraries, "tensorflow", "libtensorflow_cc.so.2");
    assert.is(readlinkSync(join(target, "deps", "lib", "libtensorflow.so")), core);
    assert.not.ok(lstatSync(join(target, "lib", "napi-v8", "tfjs_binding.node")).isSymbolicLink());
    assert.equal(
      staged.map(({ sizeBytes }) => sizeBytes),
      [...BUILT.map(() => 9), 3, 3],
    );
  }));

test("a second staging replaces the first, and leaves nothing beside it", () =>
  withFolder((folder) => {
    const target = join(folder, "tfjs-node");
    for (const content of ["one", "second"]) {
      const { libraries, addon } = cache(folder, content);
      stage(libraries, addon, target);
    }
    const lib = join(target, "deps", "lib");
    assert.is(readFileSync(join(lib, "libtensorflow_framework.so.2"), "utf8"), "second");
    assert.is(readFileSync(join(target, "lib", "napi-v8", "tfjs_binding.node"), "utf8"), "addon second");
    const present = [...readdirSync(lib), ...readdirSync(join(target, "lib", "napi-v8"))];
    assert.not.ok(present.some((name) => name.endsWith(".part")));
  }));

test.run();
