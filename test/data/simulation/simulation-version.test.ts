import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import { reducedFrame } from "../../../lib/data/simulation/frame";
import { simulateSubject } from "../../../lib/data/simulation/simulate-subject";
import {
  COHORT_VERSIONS,
  traitsOf,
  type CohortVersion,
} from "../../../lib/data/simulation/simulation-version";
import { SEQUENCES } from "../../../lib/shape";
import { sha256 } from "../../../lib/storage/content-hash";

const test = suite("versions of the simulation");
const anatomy = loadAnatomy("analytic");
const frame = reducedFrame(4);

/** Of the first subject of the default cohort, in 4 mm voxels of the analytic head. */
const PUBLISHED = {
  "2": "e712276fdbfae6e40a8ee1f3fc1c84bd0d696a639e6efd60b0d2271660c9b57b",
  "3": "f80beaaa8095698c3df3665ff5b7998025b6d27a8c92d28ebb32eeed9011dd57",
} as const satisfies Record<CohortVersion, string>;

for (const version of COHORT_VERSIONS)
  test(`version ${version} is frozen: a subject's bytes are those that it was published with`, () => {
    const recipe = { name: "simulated-glioma", version, seed: 1 } as const;
    const { sequences, labels } = simulateSubject(anatomy, recipe, 1, frame);
    const volumes = [...SEQUENCES.map((sequence) => sequences[sequence]), labels];
    const bytes = volumes.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    );
    assert.is(sha256(...bytes), PUBLISHED[version]);
  });

/** Subjects of a version in whom FLAIR is darker in the middle of the necrosis than in healthy brain. */
function darkCores(version: CohortVersion, subjects: number): number {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return Array.from({ length: subjects }, (_, i) => {
    const recipe = { name: "cavities", version, seed: 1 };
    const { sequences, labels, head } = simulateSubject(anatomy, recipe, i + 1, frame);
    if (head.tumour.plan.kind !== "ring") return false;
    const flair = (wanted: number): number =>
      median([...sequences.flair].filter((grey, v) => grey > 0 && labels[v] === wanted));
    return flair(1) < flair(0);
  }).filter(Boolean).length;
}

test("version 3 has cavities as dark as CSF on FLAIR in some tumours, version 2 in none", () => {
  assert.is(darkCores("2", 16), 0);
  const dark = darkCores("3", 16);
  assert.ok(dark >= 1 && dark <= 9, `${dark} of 16`);
});

test("walls of version 3 take up less contrast agent, and its images hold more noise", () => {
  const [two, three] = [traitsOf("2"), traitsOf("3")];
  assert.ok(three.uptake.most < two.uptake.most && three.uptake.least < two.uptake.least);
  for (const sequence of SEQUENCES) assert.ok(three.signalToNoise[sequence] < two.signalToNoise[sequence]);
});

test.run();
