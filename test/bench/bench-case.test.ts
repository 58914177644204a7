import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseBenchCase, readBenchCase } from "../../lib/bench/bench-case";
import { temporaryFolder } from "../temporary-folder";

const test = suite("bench case");

test("needs a network, a size and a batch, and has defaults for the rest", () => {
  const parsed = parseBenchCase("case", { network: "unet", size: 64, batch: 16 });
  assert.equal(parsed, {
    name: "case",
    network: "unet",
    work: "train",
    size: 64,
    batch: 16,
    precision: "auto",
  });
});

test("names the field that is wrong", () => {
  const refused = (value: unknown, message: RegExp) => {
    assert.throws(() => parseBenchCase("case.json", value), message);
  };
  refused({ network: "vgg", size: 64, batch: 16 }, /case.json: network/);
  refused({ network: "unet", size: 4, batch: 16 }, /case.json: size/);
  refused({ network: "unet", size: 64, batch: 0 }, /case.json: batch/);
  refused({ network: "unet", size: 1024, batch: 1024 }, /more than 4194304 pixels/);
  refused({ network: "unet", size: 64, batch: 16, work: "sample" }, /unet can train/);
  refused({ network: "unet", size: 64, batch: 16, speed: 3 }, /speed/);
  refused([], /case.json/);
});

test("refuses files that are missing or not JSON", () => {
  const path = join(temporaryFolder(), "case.json");
  assert.throws(() => readBenchCase(path), /no such file/);
  writeFileSync(path, "{");
  assert.throws(() => readBenchCase(path), /is not JSON/);
});

test.run();
