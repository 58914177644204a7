import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../storage/atomic-write";
import { cacheFolder } from "../storage/cache-folder";
import { bfloat16IsFaster, multipliesBfloat16 } from "./processor";

const tuningSchema = z.object({
  /** The processor that was measured, as the system names it: the choices hold for no other. */
  processor: z.string(),
  /** Threads of one operation. */
  threads: z.number().int().min(1).max(1024),
  /** Whether training steps multiply in bfloat16 where it is the faster format. */
  trainingBfloat16: z.boolean(),
});

/** What was found to be fastest on this machine. */
export type BackendTuning = z.infer<typeof tuningSchema>;

/** Beside what every clone of this user shares. */
function tuningPath(): string {
  return join(cacheFolder(), "tuning.json");
}

/** The processor's name and its formats, to keep choices apart: virtual processors of several kinds bear one name. */
export function processorName(): string {
  const formats = multipliesBfloat16() ? (bfloat16IsFaster() ? ", bfloat16 fast" : ", bfloat16") : "";
  return `${cpus()[0]?.model.trim() ?? "unknown"}${formats}`;
}

/** The choices for this machine; undefined where none were made for its processor, or the file is not valid. */
export function readTuning(path = tuningPath()): BackendTuning | undefined {
  try {
    const tuning = tuningSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return tuning.processor === processorName() ? tuning : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps choices for every later start. @throws InputError if the cache cannot be written. */
export function writeTuning(tuning: BackendTuning, path = tuningPath()): void {
  writeJsonAtomic(path, tuning);
}
