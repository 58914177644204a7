import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bfloat16IsFaster, multipliesBfloat16, multipliesBytes } from "../../lib/backend/processor";
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

test("takes bfloat16 for the faster format on AMX and on AMD alone", () => {
  const file = join(temporaryFolder(), "cpuinfo");
  const written = (vendor: string, flags: string): string => {
    const one = `vendor_id\t: ${vendor}\nflags\t\t: fpu avx512f ${flags}\n`;
    writeFileSync(file, `processor\t: 0\n${one}\nprocessor\t: 1\n${one}`);
    return file;
  };
  assert.is(bfloat16IsFaster(written("AuthenticAMD", "avx512_bf16 avx512_vnni")), true);
  assert.is(bfloat16IsFaster(written("AuthenticAMD", "avx512_vnni")), false);
  assert.is(bfloat16IsFaster(written("GenuineIntel", "avx512_bf16 avx512_fp16")), false);
  assert.is(bfloat16IsFaster(written("GenuineIntel", "avx512_bf16 amx_bf16 amx_tile")), true);
  assert.is(bfloat16IsFaster(`${file}-missing`), false);
});

test.run();
