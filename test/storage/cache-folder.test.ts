import { homedir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cacheFolder } from "../../lib/storage/cache-folder";

const test = suite("cacheFolder");

test("SYNTHMR_CACHE counts first, then XDG_CACHE_HOME, then the home folder", () => {
  assert.is(cacheFolder({ SYNTHMR_CACHE: "/a", XDG_CACHE_HOME: "/b" }), "/a");
  assert.is(cacheFolder({ XDG_CACHE_HOME: "/b" }), "/b/synthmr");
  assert.is(cacheFolder({}), join(homedir(), ".cache", "synthmr"));
});

test("a relative SYNTHMR_CACHE is made absolute; a relative XDG_CACHE_HOME does not count", () => {
  assert.is(cacheFolder({ SYNTHMR_CACHE: "here" }), join(process.cwd(), "here"));
  assert.is(cacheFolder({ XDG_CACHE_HOME: "here" }), join(homedir(), ".cache", "synthmr"));
});

test.run();
