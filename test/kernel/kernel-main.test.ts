import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createConnection } from "../../lib/kernel/connection";
import type { Connection } from "../../lib/kernel/connection";
import { KernelClient } from "../../lib/kernel/kernel-client";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

const test = suite("the kernel's process");
const ARGS = ["-r", require.resolve("ts-node/register/transpile-only")];
ARGS.push(join(PROJECT_ROOT, "lib", "kernel", "kernel-main.ts"));
const env = { ...process.env, TS_NODE_PROJECT: join(PROJECT_ROOT, "tsconfig.json") };

/** Connects to a kernel that starts, when it answers on every channel. */
async function connect(connection: Connection): Promise<KernelClient> {
  const client = new KernelClient(connection.info, () => undefined);
  for (;;) {
    const answer = await Promise.race([
      client.request("shell", "kernel_info_request", {}),
      new Promise((resolve) => setTimeout(resolve, 200)),
    ]);
    if (answer !== undefined) return client;
  }
}

async function valueOf(client: KernelClient, code: string): Promise<string> {
  let text = "";
  await client.request("shell", "execute_request", { code }, ({ header, content }) => {
    if (header.msg_type === "execute_result")
      text = (content.data as Record<string, string>)["text/plain"] ?? "";
  });
  return text;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(...pids: readonly number[]): Promise<void> {
  for (let wait = 0; wait < 100 && pids.some(isAlive); wait++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(pids.filter(isAlive), []);
}

test("starts anew on the same connection when it is restarted", async () => {
  const connection = await createConnection();
  assert.is(statSync(connection.path).mode & 0o777, 0o600);
  const start = (): ChildProcess =>
    spawn(process.execPath, [...ARGS, connection.path], { env, stdio: "ignore" });
  const first = start();
  let client = await connect(connection);
  await valueOf(client, "const a = 1; setInterval(() => undefined, 1000);");
  const cells = Number(await valueOf(client, "process.pid"));
  const exit = once(first, "exit");
  const reply = await client.request("control", "shutdown_request", { restart: true });
  assert.equal([reply.status, reply.restart], ["ok", true]);
  assert.equal(await exit, [0, null]);
  client.close();
  await ended(cells);

  const second = start();
  client = await connect(connection);
  assert.is(await valueOf(client, "const a = 'fresh'; a"), "fresh");
  const { execution_count } = await client.request("shell", "execute_request", { code: "a" });
  assert.is(execution_count, 2);
  await client.request("control", "shutdown_request", { restart: false });
  client.close();
  if (second.exitCode === null) await once(second, "exit");
  connection.remove();
});

test("ends with its parent, and with it the process of the cells, a blocking cell too", async () => {
  const connection = await createConnection();
  const command = JSON.stringify([...ARGS, connection.path]);
  const parent = spawn(
    process.execPath,
    [
      "-e",
      `const kernel = require("node:child_process").spawn(process.execPath, ${command}, { stdio: "ignore", detached: true });
     console.log(kernel.pid); setInterval(() => undefined, 1000);`,
    ],
    { env, stdio: ["ignore", "pipe", "ignore"] },
  );
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const client = await connect(connection);
  const cells = Number(await valueOf(client, "process.pid"));
  void client.request("shell", "execute_request", { code: "while (true) {}" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  parent.kill("SIGKILL");
  await ended(Number(line.toString()), cells);
  client.close();
  connection.remove();
});

test("leaves no process of cells behind when it is killed itself", async () => {
  const connection = await createConnection();
  const kernel = spawn(process.execPath, [...ARGS, connection.path], { env, stdio: "ignore" });
  const client = await connect(connection);
  const cells = Number(await valueOf(client, "process.pid"));
  kernel.kill("SIGKILL");
  await ended(cells);
  client.close();
  connection.remove();
});

test.run();
