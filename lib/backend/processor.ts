import { readFileSync } from "node:fs";

/** Where Linux lists what a processor can do. */
const PROCESSOR_INFO = "/proc/cpuinfo";

/** Instructions that multiply bfloat16: without them TensorFlow imitates it, slowly and with errors of 2 %. */
const BFLOAT16_INSTRUCTIONS = /\b(avx512_bf16|amx_bf16)\b/;

/**
 * Where those are worth it. An Intel processor with AVX512_BF16 whose AMX is hidden from a virtual machine took 1.25 to
 * 1.6 times as long with them for a training step, and 1.2 to 1.8 times for drawing.
 */
const FAST_BFLOAT16 = [/\bamx_bf16\b/, /^vendor_id\s*:\s*AuthenticAMD$[^]*\bavx512_bf16\b/m] as const;

/** Instructions that multiply and add 32 bytes at once. */
const BYTE_INSTRUCTIONS = /\bavx2\b/;

/** Whether the processor multiplies bfloat16 itself, as far as the system tells. */
export function multipliesBfloat16(path = PROCESSOR_INFO): boolean {
  return has(BFLOAT16_INSTRUCTIONS, path);
}

/** Whether products in bfloat16 are the faster ones, as far as was measured: on AMX, and on AMD with AVX512_BF16. */
export function bfloat16IsFaster(path = PROCESSOR_INFO): boolean {
  return FAST_BFLOAT16.some((pattern) => has(pattern, path));
}

/** Whether the processor has the instructions of the project's products of bytes. */
export function multipliesBytes(path = PROCESSOR_INFO): boolean {
  return has(BYTE_INSTRUCTIONS, path);
}

function has(pattern: RegExp, path: string): boolean {
  try {
    return pattern.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}
