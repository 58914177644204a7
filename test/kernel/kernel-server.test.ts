import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Dealer } from "zeromq";
import { channelAddress, createConnection } from "../../lib/kernel/connection";
import type { Connection } from "../../lib/kernel/connection";
import { KernelClient } from "../../lib/kernel/kernel-client";
import { KernelServer } from "../../lib/kernel/kernel-server";
import { KernelSockets } from "../../lib/kernel/kernel-sockets";
import { createMessage, serializeMessage } from "../../lib/kernel/message";
import { startSession } from "./session";

const test = suite("KernelServer");
const cells = startSession();
let connection: Connection;
let sockets: KernelSockets;
let client: KernelClient;
let shutDown = 0;

test.before(async () => {
  connection = await createConnection();
  sockets = new KernelSockets(connection.info);
  const server = new KernelServer(cells.session, sockets, () => shutDown++);
  await sockets.open((channel, request) => {
    server.handle(channel, request);
  });
  client = new KernelClient(connection.info, () => undefined);
  // Subscriptions take a moment.
  await new Promise((resolve) => setTimeout(resolve, 300));
});
test.after(async () => {
  client.close();
  await sockets.close();
  connection.remove();
  cells.end();
});

/** A generator of numbers in [0, 1) that gives the same ones each time (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Frames that are nearly a message: random, cut, unsigned, signed by another, or with a content that is none. */
function nearlyMessage(draw: () => number): Buffer[] {
  const { key } = connection.info;
  const types = ["execute_request", "complete_request", "history_request", "no_request", "shutdown_request"];
  const contents = [
    {},
    { code: 7 },
    { code: ["1"], cursor_pos: -1 },
    { restart: "yes" },
    { hist_access_type: "all" },
  ];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  const type = pick(types);
  // These contents are right for none of the types, but an empty one is right for a shutdown.
  const content = type === "shutdown_request" ? { restart: "yes" } : pick(contents);
  const frames = serializeMessage(createMessage(type, content, "session"), draw() < 0.5 ? key : "another");
  const kind = Math.floor(draw() * 5);
  if (kind === 0) return Array.from({ length: 1 + Math.floor(draw() * 8) }, () => randomBytes(draw));
  if (kind === 1) return frames.slice(0, Math.floor(draw() * frames.length));
  if (kind === 2) return frames.map((frame) => (draw() < 0.3 ? randomBytes(draw) : frame));
  if (kind === 3) return [...frames.slice(0, -1), Buffer.from("{")];
  return frames;
}

function randomBytes(draw: () => number): Buffer {
  return Buffer.from(Array.from({ length: Math.floor(draw() * 64) }, () => Math.floor(draw() * 256)));
}

test("drops 1,000 messages that are none, with a line each, and lives", async () => {
  const lines: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((text: string) => lines.push(text) > 0) as typeof process.stderr.write;
  const draw = numbers(7);
  let sent = 0;
  try {
    for (const port of [connection.info.shell_port, connection.info.control_port]) {
      const socket = new Dealer({ linger: 1000 });
      socket.connect(channelAddress(connection.info, port));
      for (let i = 0; i < 500; i++) {
        const frames = nearlyMessage(draw);
        if (frames.length === 0) frames.push(Buffer.alloc(0));
        await socket.send(frames);
        sent++;
      }
      for (let wait = 0; wait < 1000 && lines.length < sent; wait++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      socket.close();
    }
  } finally {
    process.stderr.write = write;
  }
  assert.is(sent, 1000);
  assert.is(lines.length, 1000);
  assert.ok(
    lines.every((line) => /^synthmr kernel: dropped a message: [^\n]+\n$/.test(line)),
    lines[0] ?? "",
  );
  assert.is(shutDown, 0);
  assert.is((await client.request("shell", "kernel_info_request", {})).implementation, "synthmr");
});

test("answers while a cell runs, and interrupts it on request", async () => {
  const outputs: string[] = [];
  const cell = client.request(
    "shell",
    "execute_request",
    { code: "console.log('on'); while (true) {}" },
    ({ header }) => outputs.push(header.msg_type),
  );
  while (!outputs.includes("stream")) await new Promise((resolve) => setTimeout(resolve, 50));
  const { matches } = await client.request("shell", "complete_request", { code: "Math.ab", cursor_pos: 7 });
  assert.equal(matches, ["abs"]);
  assert.ok(await client.heartbeat(5000));
  await client.request("control", "interrupt_request", {});
  const reply = await cell;
  assert.is(reply.status, "error");
  assert.is(reply.ename, "Interrupted");
});

test("evaluates expressions behind a cell, and runs silent ones unseen", async () => {
  const expressions = { sum: "1 + 1", bad: "nowhere" };
  const { user_expressions } = await client.request("shell", "execute_request", {
    code: "",
    user_expressions: expressions,
  });
  const { sum, bad } = user_expressions as Record<string, { status: string; data?: unknown }>;
  assert.equal(sum?.data, { "text/plain": "2" });
  assert.is(bad?.status, "error");
  const seen: string[] = [];
  await client.request("shell", "execute_request", { code: "1", silent: true }, ({ header }) =>
    seen.push(header.msg_type),
  );
  assert.equal(seen, []);
});

test("closes lines that widgets would open, and says that there are none", async () => {
  assert.equal((await client.request("shell", "comm_info_request", {})).comms, {});
});

test.run();
