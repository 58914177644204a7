import { profileOf } from "../../lib/study/profiles";
import type { ProgressListener } from "../../lib/study/progress";
import type { StudyContext } from "../../lib/study/stage";
import { temporaryFolder } from "../temporary-folder";

/** A context in a folder of its own, and what its stages announced when they ended. */
export function testContext(change: Partial<StudyContext> = {}): StudyContext & { readonly ended: string[] } {
  const folder = temporaryFolder();
  const ended: string[] = [];
  const progress: ProgressListener = {
    update: () => undefined,
    finish: (title, _durationSec, reused) => ended.push(`${title}${reused ? ", reused" : ""}`),
  };
  return {
    profile: profileOf("smoke"),
    runFolder: folder,
    dataFolder: folder,
    workers: 1,
    progress,
    ended,
    ...change,
  };
}
