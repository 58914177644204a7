import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { startBackend, type BackendInfo } from "../../../lib/backend/start";
import { RunError } from "../../../lib/errors";
import { defaultParallel, runStages } from "../../../lib/study/run/run-stages";
import { plainContext } from "../../../lib/study/run/worker-messages";
import { Study } from "../../../lib/study/study";
import { defineStage, type StudyStage } from "../../../lib/study/study-stage";
import { PROJECT_ROOT } from "../../../lib/storage/project-root";
import { temporaryFolder } from "../../temporary-folder";
import { testContext } from "../context";
import { MINIATURE } from "../miniature";

const test = suite("runStages");

let backend: BackendInfo;
test.before(async () => {
  process.env["SYNTHMR_CACHE"] = temporaryFolder();
  backend = await startBackend({ precision: "float32" });
});

const GRID = {
  ...MINIATURE.grid,
  segmentation: MINIATURE.grid.segmentation.map((part) => ({
    ...part,
    seeds: [1, 2],
    generators: [null],
    real: [true],
  })),
};
const PROFILE = { ...MINIATURE, grid: GRID };

function open(runFolder = temporaryFolder(), dataFolder = runFolder): Study {
  return new Study(testContext({ profile: PROFILE, runFolder, dataFolder }), backend);
}

/** A stage that does nothing, or fails. */
function step(name: string, inputs: StudyStage<unknown>["inputs"], fault?: Error): StudyStage<number> {
  return defineStage({
    name,
    title: name,
    settings: {},
    inputs,
    schema: z.number(),
    work: { kind: "test", images: 0 },
    run: () => (fault === undefined ? Promise.resolve({ result: 1 }) : Promise.reject(fault)),
  });
}

test("runs what does not need a stage that failed, then tells the failure", async () => {
  const study = open();
  const first = step("first", {}, new RunError("first: the loss became NaN"));
  const second = step("second", { first });
  const third = step("third", { second });
  const other = step("other", {});
  const fault: unknown = await runStages(study, [first, second, third, other], 1).catch(
    (error: unknown) => error,
  );
  assert.instance(fault, RunError);
  assert.match(String(fault), "the loss became NaN");
  assert.equal(
    readdirSync(study.context.runFolder).map((name) => [
      name.split("-")[0],
      existsSync(join(study.context.runFolder, name, "record.json")),
    ]),
    [
      ["first", false],
      ["other", true],
    ],
  );
});

test("leaves out what cannot run, and says why", async () => {
  const study = open();
  const gone = { ...step("gone", {}), missing: "weights are not there" };
  const { missing } = await runStages(study, [gone, step("after", { gone }), step("other", {})], 1);
  assert.equal(missing, [
    { stage: "gone", reason: "weights are not there" },
    { stage: "after", reason: "weights are not there" },
  ]);
});

test("takes one process a core, as far as the memory goes", () => {
  assert.is(defaultParallel(64 * 2 ** 30, 4), 4);
  assert.is(defaultParallel(4 * 2 ** 30, 4), 2);
  assert.is(defaultParallel(2 ** 20, 4), 1);
});

const SCRIPT = `
const { Study } = require("./lib/study/study");
const { runStages } = require("./lib/study/run/run-stages");
const { startBackend } = require("./lib/backend/start");
const context = JSON.parse(process.argv[1]);
void startBackend().then((backend) => {
  const study = new Study({ ...context, progress: { update() {}, finish() {} } }, backend);
  return runStages(study, study.stages.all(), 2);
});`;

/** Runs the miniature in processes of their own; killed with all of them after a time. */
async function runAndKill(runFolder: string, dataFolder: string, killAfterMs: number): Promise<void> {
  const context = plainContext(testContext({ profile: PROFILE, runFolder, dataFolder }));
  const child = spawn(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "-e", SCRIPT, JSON.stringify(context)],
    { cwd: PROJECT_ROOT, stdio: "ignore", detached: true },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const { pid } = child;
  if (pid === undefined) throw new Error("the run did not start");
  await Promise.race([ended, wait(killAfterMs)]);
  // The group: the main process and its workers.
  if (child.exitCode === null) process.kill(-pid, "SIGKILL");
  await ended;
}

/** What the trainings of a run found, without times. */
function scores(study: Study): unknown {
  return study
    .finished()
    .flatMap(({ stage, result }) =>
      stage.startsWith("unet-") ? [[stage, (result as { subjects: unknown }).subjects]] : [],
    );
}

test("in processes of their own, killed at any time and run again, stages find the same", async () => {
  const [dataFolder, whole, killed] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  await runStages(open(whole, dataFolder), open(whole, dataFolder).stages.all(), 2);
  for (const ms of [6_000, 9_000]) await runAndKill(killed, dataFolder, ms);
  const study = open(killed, dataFolder);
  await runStages(study, study.stages.all(), 2);
  assert.equal(scores(study), scores(open(whole, dataFolder)));
  const [record] = study.finished().filter(({ stage }) => stage.startsWith("unet-"));
  const text = readFileSync(join(record?.folder ?? "", "record.json"), "utf8");
  const { provenance } = JSON.parse(text) as { provenance: { backend: { threads: number } } };
  assert.ok(provenance.backend.threads >= 1);
});

test.run();
