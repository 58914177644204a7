import { readFileSync, writeFileSync } from "node:fs";

/** Lets the largest resident size be counted anew, where the system can: Linux. */
export function resetPeakMemory(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere the peak is that of the whole process.
  }
}

/** The largest resident size of the process since it was last reset, bytes. */
export function peakMemoryBytes(): number {
  const status = readStatus();
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * (kib === undefined ? process.resourceUsage().maxRSS : Number(kib));
}

function readStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}
