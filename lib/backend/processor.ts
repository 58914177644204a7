import { readFileSync } from "node:fs";

/** Where Linux lists what a processor can do. */
const PROCESSOR_INFO = "/proc/cpuinfo";

/** Instructions that multiply bfloat16: without them TensorFlow imitates it, slowly and with errors of 2 %. */
const INSTRUCTIONS = /\b(avx512_bf16|amx_bf16)\b/;

/** Whether the processor multiplies bfloat16 itself, as far as the system tells. */
export function multipliesBfloat16(path = PROCESSOR_INFO): boolean {
  try {
    return INSTRUCTIONS.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}
