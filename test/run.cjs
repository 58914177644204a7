// Runs every test file in a process of its own, two at a time, and closes with "N passed, N failed".
// Usage: node test/run.cjs [part of a path ...]
const { spawn, spawnSync } = require("node:child_process");
const { readdirSync, readFileSync } = require("node:fs");
const { join, relative } = require("node:path");

const root = join(__dirname, "..");
const LIMIT_SEC = 300;
const AT_ONCE = 2;

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "fixtures" ? [] : testFiles(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    });
}

/** Python's packages are fetched once, before the tests that need them, and take time from none of these. */
function preparePython(files) {
  if (!files.some((file) => readFileSync(file, "utf8").includes('from "./python-environment"'))) return {};
  const entry = join(__dirname, "kernel", "python-environment.ts");
  const loader = ["-r", "ts-node/register/transpile-only"];
  const { stdout } = spawnSync(process.execPath, [...loader, entry], { cwd: root, encoding: "utf8" });
  return { SYNTHMR_TEST_PYTHON: stdout.trim() };
}

function run(file, python) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", file], {
      cwd: root,
      env: { TF_CPP_MIN_LOG_LEVEL: "3", ...process.env, ...python, FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (bytes) => (output += bytes));
    child.stderr.on("data", (bytes) => (output += bytes));
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_SEC * 1000);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const count = (label) => Number(new RegExp(`${label}:\\s+(\\d+)`).exec(output)?.[1] ?? 0);
      const [total, passed, skipped] = [count("Total"), count("Passed"), count("Skipped")];
      // A file that dies before its summary, or has no test, is one failure.
      const ended = signal === "SIGKILL" ? `killed after ${LIMIT_SEC} s` : `exit code ${code}`;
      const broken = code !== 0 && passed === total;
      const failed = total + skipped === 0 ? 1 : total - passed + (broken ? 1 : 0);
      resolve({
        file: relative(root, file),
        output,
        passed,
        skipped,
        failed,
        ended,
        sec: (Date.now() - started) / 1000,
      });
    });
  });
}

async function main() {
  const wanted = process.argv.slice(2);
  const files = testFiles(__dirname).filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  );
  const python = preparePython(files);
  const results = [];
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await run(file, python);
      results.push(result);
      const mark = result.failed === 0 ? "ok  " : "FAIL";
      console.log(
        `${mark} ${result.file}  ${result.passed} passed, ${result.sec.toFixed(1)} s  (${results.length} of ${files.length})`,
      );
      if (result.failed > 0) console.log(`${result.output.trim()}\n${result.file}: ${result.ended}`);
      for (const [, note] of result.output.matchAll(/^(skipped: .*)$/gm)) console.log(`     ${note}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  if (files.length === 0) console.log("no test file matches");
  console.log(
    `\n${sum("passed")} passed, ${sum("failed")} failed${sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : ""}`,
  );
  process.exitCode = sum("failed") > 0 || files.length === 0 ? 1 : 0;
}

main();
