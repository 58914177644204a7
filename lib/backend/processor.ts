import { readFileSync } from "node:fs";

/** Where Linux lists what a processor can do. */
const PROCESSOR_INFO = "/proc/cpuinfo";

/** Instructions that multiply bfloat16: without them TensorFlow imitates it, slowly and with errors of 2 %. */
const BFLOAT16_INSTRUCTIONS = /\b(avx512_bf16|amx_bf16)\b/;

/** Instructions that multiply and add 32 bytes at once. */
const BYTE_INSTRUCTIONS = /\bavx2\b/;

/** Whether the processor multiplies bfloat16 itself, as far as the system tells. */
export function multipliesBfloat16(path = PROCESSOR_INFO): boolean {
  return has(BFLOAT16_INSTRUCTIONS, path);
}

/** Whether the processor has the instructions of the project's products of bytes. */
export function multipliesBytes(path = PROCESSOR_INFO): boolean {
  return has(BYTE_INSTRUCTIONS, path);
}

function has(instructions: RegExp, path: string): boolean {
  try {
    return instructions.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}
