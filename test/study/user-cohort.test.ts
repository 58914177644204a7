import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readPublishedSplit } from "../../lib/data/published-split";
import { figureNames } from "../../lib/study/figures";
import { profileOf } from "../../lib/study/profiles";
import { Study } from "../../lib/study/study";
import type { StudyContext } from "../../lib/study/stage";
import {
  cohortWords,
  maySeeSubjects,
  openUserCohort,
  sharesOfStudy,
  withUserCohort,
} from "../../lib/study/user-cohort";
import { fileOf, writeSubject } from "../data/brats-folder";
import { failsNaming } from "../data/input-fault";
import { temporaryFolder } from "../temporary-folder";
import { testContext } from "./context";

const test = suite("a cohort of the user's");
const { order, test: held } = readPublishedSplit("brats2020");
const IDS = [...(order ?? []).slice(0, 4), ...held.slice(0, 2)];

/** A study of a context, whose stages need no backend here. */
const studyOf = (context: StudyContext) =>
  new Study(context, {
    backend: "wasm",
    device: "cpu",
    threads: 1,
    tensorflowVersion: null,
    tfjsVersion: "",
    precision: "float32",
    warning: null,
  });

function cohort(ids: readonly string[] = IDS): string {
  const folder = temporaryFolder();
  for (const id of ids) writeSubject(folder, id);
  return folder;
}

test("is taken as it is, with the hash of its content, and split as the study did", async () => {
  const folder = cohort();
  const context = testContext({ userCohort: openUserCohort(folder, false) });
  const study = studyOf(context);
  const first = await study.cohort();
  assert.equal([first.result.ids, first.result.anatomy], [[...IDS].sort(), null]);
  assert.match(first.result.sha256 ?? "", /^[0-9a-f]{64}$/);
  const slices = await study.slices();
  const { train, validation, test: tested, split } = slices.result;
  assert.is(split.name, "brats2020");
  assert.equal(tested.subjects, held.slice(0, 2));
  assert.equal([...train.subjects, ...validation.subjects].sort(), IDS.slice(0, 4).sort());
  assert.match(split.notes.join(" "), "trains on 4 of 313 subjects");
  assert.match(split.notes.join(" "), "tests on 2 of 56 subjects");
  const sets = await study.sliceSets();
  assert.is(sets.train.simulated, false);
  assert.not.match(sets.train.source, "simulated");
  // Nothing is written into the user's folder.
  assert.equal(readdirSync(folder).sort(), [...IDS].sort());

  // Asked again, the record is believed; once a file has changed, it is not.
  assert.equal((await studyOf(context).cohort()).key, first.key);
  utimesSync(fileOf(folder, IDS[0] ?? "", "t2"), new Date(2001, 1, 1), new Date(2001, 1, 1));
  const again = await studyOf(context).cohort();
  assert.not.equal(again.key, first.key);
  assert.is(again.result.sha256, first.result.sha256);
});

test("leaves out and names subjects that lack a file", async () => {
  const folder = cohort();
  const id = IDS[2] ?? "";
  rmSync(fileOf(folder, id, "seg"));
  const { result } = await studyOf(testContext({ userCohort: openUserCohort(folder, false) })).cohort();
  assert.not.ok(result.ids.includes(id));
  assert.equal(result.leftOut, [`${id} has no file ${id}_seg.nii.gz`]);
  for (const other of IDS.filter((known) => known !== id)) rmSync(join(folder, other), { recursive: true });
  failsNaming(
    () => studyOf(testContext({ userCohort: openUserCohort(folder, false) })),
    folder,
    "no complete",
  );
});

test("is split by the seed in the study's shares where its names are others", async () => {
  const folder = cohort(["A", "B", "C", "D", "E", "F"]);
  const context = testContext({ userCohort: openUserCohort(folder, false) });
  const { result } = await studyOf(context).slices();
  assert.equal([result.test.subjects.length, result.validation.subjects.length], [1, 1]);
  assert.equal([result.split.name, result.split.notes.length], ["random", 1]);
  assert.equal(sharesOfStudy(369), { test: 56, validation: 63 });
});

test("is called simulated only where it says so itself", () => {
  const folder = cohort(["A"]);
  const own = { userCohort: openUserCohort(folder, false) };
  assert.equal([cohortWords(own).simulated, cohortWords(own).real], [false, "real"]);
  assert.not.match(JSON.stringify(Object.values(cohortWords(own))), /simulated/);
  writeFileSync(join(folder, "cohort.json"), JSON.stringify({ simulated: true }));
  assert.is(cohortWords({ userCohort: openUserCohort(folder, false) }).simulated, true);
  assert.is(cohortWords({}).simulated, true);
});

test("shows no patient unless it is asked to", () => {
  const folder = cohort(["A"]);
  const names = (showPatients: boolean): readonly string[] =>
    figureNames({ context: { userCohort: openUserCohort(folder, showPatients) } } as unknown as Study);
  assert.not.ok(names(false).some((name) => ["patient", "preparation", "levels"].includes(name)));
  assert.ok(names(true).includes("patient"));
  assert.is(maySeeSubjects({}), true);
});

test("has its generators trained, on as many images however many subjects, whatever the profile does", () => {
  for (const profile of ["quick", "laptop"].map(profileOf)) {
    const { generatorWeights, fewerSubjects, ...others } = withUserCohort(profile);
    assert.equal([generatorWeights, fewerSubjects], ["trained", "same images"]);
    assert.equal({ ...profile, ...others }, profile);
  }
});

test("is named where it cannot be read", () => {
  const folder = temporaryFolder();
  failsNaming(() => openUserCohort(join(folder, "none"), false), "none", "no such file");
  writeFileSync(join(folder, "file"), "");
  failsNaming(() => openUserCohort(join(folder, "file"), false), "file", "is not a folder");
  writeFileSync(join(folder, "cohort.json"), "{");
  failsNaming(() => openUserCohort(folder, false), "cohort.json", "JSON");
  renameSync(join(folder, "cohort.json"), join(folder, "other"));
});

test.run();
