import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { multipliesBfloat16, multipliesBytes } from "../../lib/backend/processor";
import { temporaryFolder } from "../temporary-folder";

const test = suite("processor");

test("knows processors by their instructions", () => {
  const file = join(temporaryFolder(), "cpuinfo");
  writeFileSync(file, "flags\t\t: fpu avx512f avx512_bf16 avx512_vnni\n");
  assert.is(multipliesBfloat16(file), true);
  assert.is(multipliesBytes(file), false);
  writeFileSync(file, "flags\t\t: fpu avx512f avx2 avx512_bf16x\n");
  assert.is(multipliesBfloat16(file), false);
  assert.is(multipliesBytes(file), true);
  assert.is(multipliesBfloat16(`${file}-missing`), false);
  assert.is(multipliesBytes(`${file}-missing`), false);
});

test.run();
