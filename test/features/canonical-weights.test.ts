import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import { requireCanonicalWeights } from "../../lib/features/canonical-weights";
import { openStudy } from "../../lib/study/open-study";
import { rejectsNaming } from "../data/input-fault";
import { temporaryFolder } from "../temporary-folder";

const test = suite("weights that define FID");

const folder = temporaryFolder();

test("refuses another file and one that is not there, before a study begins", async () => {
  const other = join(folder, "other.pth");
  writeFileSync(other, "not these");
  await rejectsNaming(requireCanonicalWeights(other), other, "SHA-256", "synthmr data fetch inception-fid");
  await rejectsNaming(requireCanonicalWeights(join(folder, "none.pth")), "none.pth", "no such file");
  await rejectsNaming(
    openStudy({ profile: "smoke", inception: other, runFolder: join(folder, "run") }),
    other,
  );
});

test.run();
