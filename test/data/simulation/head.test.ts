import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import { AtlasSampler } from "../../../lib/data/simulation/atlas-sampler";
import { FOLDS, foldCortex } from "../../../lib/data/simulation/cortical-folds";
import { reducedFrame } from "../../../lib/data/simulation/frame";
import { traitsOf } from "../../../lib/data/simulation/simulation-version";
import { makeHead } from "../../../lib/data/simulation/head";
import { placeInHead } from "../../../lib/data/simulation/minerals";
import { sampleField } from "../../../lib/data/simulation/lattice";
import { drawPerson } from "../../../lib/data/simulation/person";
import { simulateSubject } from "../../../lib/data/simulation/simulate-subject";
import { subjectTruth } from "../../../lib/data/simulation/subject-truth";
import { TISSUES } from "../../../lib/data/simulation/tissue-parameters";
import { near } from "../../near";

const test = suite("head");
const anatomy = loadAnatomy("analytic");
const recipe = { name: "test", version: "3", seed: 11 } as const;
const frame = reducedFrame(4);
const heads = [1, 2, 3].map((seed) => makeHead(Rng.fromSeed(seed), anatomy, traitsOf("3")));

test("the old have more atrophy and more hyperintensities, and half of all heads are mirrored", () => {
  const people = Array.from({ length: 400 }, (_, i) => drawPerson(Rng.fromSeed(i)));
  const mean = (of: (p: (typeof people)[number]) => number, old: boolean): number => {
    const group = people.filter(({ ageYears }) => ageYears > 65 === old);
    return group.reduce((sum, person) => sum + of(person), 0) / group.length;
  };
  assert.ok(mean((p) => p.atrophy, true) > mean((p) => p.atrophy, false) + 0.2);
  assert.ok(mean((p) => p.lesionLoad, true) > mean((p) => p.lesionLoad, false) + 0.1);
  near([people.filter(({ mirrored }) => mirrored).length / 400], [0.5], 0.07);
});

test("folding opens sulci, lines them with grey matter and leaves white matter between", () => {
  const at = (sulcusMm: number): AtlasSampler => {
    const atlas = new AtlasSampler(anatomy);
    atlas.replace(0.1, 0.5, 0.4);
    foldCortex(atlas, sulcusMm, 1, 10, 0.8);
    near([atlas.csf + atlas.gm + atlas.wm], [1], 1e-6);
    return atlas;
  };
  assert.ok(at(0).csf > 0.7);
  assert.ok(at(2).gm > 0.7);
  assert.ok(at(-7).wm > 0.8);
});

test("two heads have sulci in other places", () => {
  const [a, b] = heads;
  let [same, folded] = [0, 0];
  a?.folds.sulcusMm.forEach((mm, i) => {
    if ((a.depthMm[i] ?? 0) < 2 || (a.folds.share[i] ?? 0) < 0.5 * FOLDS.strength) return;
    if ((b?.depthMm[i] ?? 0) < 2 || (b?.folds.share[i] ?? 0) < 0.5 * FOLDS.strength) return;
    folded++;
    if (mm > 0 === (b?.folds.sulcusMm[i] ?? 0) > 0) same++;
  });
  assert.ok(folded > 2000);
  near([same / folded], [0.5], 0.12);
});

test("a place of the atlas is found in every head, mirrored or not", () => {
  for (const { lattice, toAtlas, person } of heads) {
    const [x, y, z] = placeInHead(lattice, toAtlas, [138, 116, 71], person.mirrored);
    const back = [toAtlas.x, toAtlas.y, toAtlas.z].map((d) => sampleField(lattice, d, x, y, z));
    near([x + (back[0] ?? 0), y + (back[1] ?? 0), z + (back[2] ?? 0)], [138, 116, 71], 0.02);
  }
});

test("the truth of a subject is that of its images", () => {
  const subject = simulateSubject(anatomy, recipe, 1, frame);
  const truth = subjectTruth(anatomy, recipe, 1, frame);
  assert.equal(truth.labels, subject.truth);
  subject.sequences.t1w.forEach((grey, i) => {
    const sum = TISSUES.reduce((total, tissue) => total + (truth.tissues[tissue][i] ?? 0), 0);
    assert.ok(grey > 0 ? Math.abs(sum - 255) <= 5 : sum === 0, `${sum} at ${i}`);
  });
  assert.ok(truth.tumourDensity.reduce((high, value) => Math.max(high, value), 0) > 0.5);
  assert.ok(truth.displacementMm[0].some((mm) => Math.abs(mm) > 0.3));
});

test.run();
