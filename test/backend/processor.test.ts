import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { multipliesBfloat16 } from "../../lib/backend/processor";
import { temporaryFolder } from "../temporary-folder";

const test = suite("processor");

test("knows processors by their instructions", () => {
  const file = join(temporaryFolder(), "cpuinfo");
  writeFileSync(file, "flags\t\t: fpu avx512f avx512_bf16 avx512_vnni\n");
  assert.is(multipliesBfloat16(file), true);
  writeFileSync(file, "flags\t\t: fpu avx512f avx512_bf16x\n");
  assert.is(multipliesBfloat16(file), false);
  assert.is(multipliesBfloat16(`${file}-missing`), false);
});

test.run();
