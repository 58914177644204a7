import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../../storage/atomic-write";
import { sha256 } from "../../storage/content-hash";
import { SRI24_ATTRIBUTION } from "../simulation/sri24-atlas";
import { cohortCroissant, type CohortFacts } from "./cohort-croissant";

/**
 * Writes beside a cohort what a stranger needs to know of it: `README.md` for people and `croissant.json` for
 * programs. The same cohort gives the same bytes.
 *
 * @param folder Holds `cohort.json`.
 * @throws InputError if the folder cannot be written.
 */
export function writeCohortCard(folder: string, facts: CohortFacts): void {
  const cohortSha256 = sha256(readFileSync(join(folder, "cohort.json")));
  writeFileAtomic(join(folder, "README.md"), cohortCard(facts));
  writeJsonAtomic(join(folder, "croissant.json"), cohortCroissant({ ...facts, cohortSha256 }));
}

/** The short form of the card. */
export function cohortCard({ name, version, seed, subjects, anatomy }: CohortFacts): string {
  const fromAtlas = anatomy === "sri24";
  return `# ${name}: simulated glioma patients

**Simulated: no image in this folder is of a person.** ${subjects ?? 0} subjects; recipe \`${name}\`, version ${version}, seed ${seed ?? 1}: with the number of the subject they give its bytes.

- What: T1w, T1w-Gd, T2w and FLAIR volumes and the annotation of each subject, in the layout of BraTS: \`<id>/<id>_{t1,t1ce,t2,flair,seg}.nii.gz\`. Labels: 0 other, 1 necrotic core and non-enhancing tumour, 2 edema, 4 enhancing tumour.
- What for: to try methods of segmentation and synthesis end to end where BraTS cannot be passed on.
- What not for: findings about patients, or accuracy to be expected on them. A network trained here has seen this simulation only.
- How made: ${fromAtlas ? "heads warped from the SRI24 atlas" : "heads drawn by formulas"}, tumours grown in them by a reaction-diffusion model, imaged by the signal equations of several sites.
- How close to BraTS: \`synthmr data audit\` of this folder measures it.
- Licence: ${fromAtlas ? `CC BY-SA 3.0, that of the atlas. ${SRI24_ATTRIBUTION}.` : "CC0; no atlas was used."}

Every table and figure made from it says "simulated". \`cohort.json\` holds the recipe, \`croissant.json\` the description for programs.
`;
}
