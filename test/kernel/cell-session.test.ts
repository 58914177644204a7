import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MOST_TEXT } from "../../lib/kernel/cell-channel";
import { startSession } from "./session";

const test = suite("CellSession");
const { run, folder, end, session } = startSession();
test.after(end);

test("shares variables between cells as one program would", async () => {
  await run("let total = 0; const add = (n: number) => { total += n; return total; };");
  await run("total = 10;");
  assert.is((await run("add(5)")).result, "15");
  await run("const total = 'another';");
  assert.is((await run("[total, add(1)]")).result, "[ 'another', 16 ]");
});

test("shows the last expression, awaited; nothing for undefined", async () => {
  assert.is((await run("await Promise.resolve(41) + 1")).result, "42");
  assert.is((await run("Promise.resolve('done')")).result, "done");
  assert.is((await run("const a = 1;")).result, null);
  assert.is((await run("console.log('x')")).result, null);
});

test("keeps what a failing cell has computed, and tells its own lines", async () => {
  const { error } = await run(
    "const before = 7;\ninterface Gone {\n  a: number;\n}\nconst bad: Gone = JSON.parse('null');\nbad.a;",
  );
  assert.is(error?.ename, "TypeError");
  assert.match(error?.traceback.join("\n") ?? "", /at cell \d+, line 6: bad\.a;/);
  assert.is((await run("before")).result, "7");
});

test("refuses to end the process, and tells causes", async () => {
  const { error } = await run("process.exit(0)");
  assert.is(error?.ename, "ExitRefusedError");
  assert.match(error?.evalue ?? "", "process.exit is refused in a cell");
  const caused = await run("throw new Error('outer', { cause: new RangeError('inner') });");
  assert.match(caused.error?.traceback.join("\n") ?? "", "caused by RangeError: inner");
});

test("never loses an error of a timer or of a promise that nobody awaits", async () => {
  const inTimer = await run(
    "setTimeout(() => { throw new Error('in a timer'); }, 5); await new Promise(() => {});",
  );
  assert.is(inTimer.error?.evalue, "in a timer");
  const rejected = await run(
    "void Promise.reject(new Error('rejected')); await new Promise((r) => setTimeout(r, 5));",
  );
  assert.is(rejected.error?.evalue, "rejected");
  assert.is((await run("setTimeout(() => { throw new Error('later'); }, 1); 0")).status, "ok");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.is((await run("1")).error?.evalue, "later", "the next cell fails");
  assert.is((await run("1")).result, "1");
});

test("tells every error that surfaces between two cells", async () => {
  const throwing = (name: string): string => `setTimeout(() => { throw new RangeError("${name}"); }, 1);`;
  assert.is((await run(`${["first", "second", "third"].map(throwing).join("\n")}\n0`)).status, "ok");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { error } = await run("console.log('not run')");
  assert.is(error?.evalue, "first (and 2 more errors)");
  const told = error?.traceback.join("\n") ?? "";
  assert.match(told, /and RangeError: second\n {4}at .*cell \d+, line 2: .*\nand RangeError: third/);
  assert.is((await run("1")).result, "1");
});

test("tells the errors of timers beside that of the cell itself", async () => {
  const { error } = await run(`for (const name of ["a", "b"]) void Promise.reject(new Error(name));
    await new Promise((resolve) => setTimeout(resolve, 20));`);
  assert.is(error?.evalue, "a (and 1 more error)");
});

test("shows a warning once", async () => {
  const { text } = await run(
    "for (let i = 0; i < 3; i++) process.emitWarning('mind this'); await new Promise((r) => setTimeout(r, 20));",
  );
  assert.is(text, "Warning: mind this\n");
});

test("loads packages that are ES modules alone, and TypeScript beside the notebook, anew when it changes", async () => {
  writeFileSync(join(folder, "pure.mjs"), "export const kind = 'module'; export default 3;");
  assert.is((await run('import three, { kind } from "./pure.mjs";\nkind + three')).result ?? "", "module3");
  const beside = join(folder, "beside.ts");
  writeFileSync(beside, "export const version: number = 1;");
  assert.is((await run('import { version } from "./beside";\nversion')).result, "1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(beside, "export const version: number = 22;");
  assert.is((await run('import { version } from "./beside";\nversion')).result, "22");
});

test("cuts what would make the notebook too large, with a note", async () => {
  const { outputs } = await run(`for (let i = 0; i < 40; i++) console.log("x".repeat(99_999));`);
  const texts = outputs.filter(({ type }) => type === "stream").map(({ content }) => String(content.text));
  assert.match(texts.at(-1) ?? "", "[output cut: 2,951,424 more characters were printed]");
  assert.is(texts.slice(0, -1).join("").length, MOST_TEXT);
});

test("knows no other commands than %memory", async () => {
  const { outputs } = await run("%memory");
  assert.match(JSON.stringify(outputs), "process ");
  assert.match((await run("%time 1")).error?.evalue ?? "", "%time is no command of this kernel");
});

test("releases the tensors of a name that is declared anew, where nothing else holds them", async () => {
  await run(
    'import * as tf from "@tensorflow/tfjs-core"; import "@tensorflow/tfjs-backend-cpu"; await tf.setBackend("cpu");',
  );
  assert.is((await run("const t = tf.ones([4]); const kept = { t }; tf.memory().numTensors")).result, "1");
  await run("const t = tf.zeros([5]);");
  assert.is((await run("tf.memory().numTensors")).result, "2", "another name holds the first");
  await run("const t = tf.zeros([6]);");
  assert.is((await run("tf.memory().numTensors")).result, "2");
  assert.match(JSON.stringify((await run("%memory")).outputs), /t: \[6\] float32/);
  const { outputs } = await run("tf.ones([2, 2])");
  assert.match(JSON.stringify(outputs), /Tensor \[2, 2\] float32, range \[1, 1\], mean 1/);
});

test("cancels the cells that wait behind one that fails", async () => {
  const [first, second] = await Promise.all([run("throw new Error('x')"), run("1")]);
  assert.equal([first.status, second.status], ["error", "aborted"]);
  assert.is((await run("2")).result, "2");
});

test("remembers what it has run", () => {
  const [last] = session.history.find({ hist_access_type: "tail", output: true, n: 1 });
  assert.equal(last?.[2], ["2", "2"]);
  const found = session.history.find({
    hist_access_type: "search",
    output: false,
    pattern: "*numTensors",
    unique: true,
  });
  assert.is(found.length, 2);
});

test.run();
