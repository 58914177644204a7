import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";

const PORT = z.number().int().min(1).max(65535);
const CONNECTION = z.object({
  transport: z.enum(["tcp", "ipc"]),
  ip: z.string(),
  shell_port: PORT,
  iopub_port: PORT,
  stdin_port: PORT,
  control_port: PORT,
  hb_port: PORT,
  signature_scheme: z.literal("hmac-sha256"),
  key: z.string(),
  kernel_name: z.string().default(""),
});

/** What a kernel and its client share, under the names of the connection file; the key is its secret. */
export type ConnectionInfo = Readonly<z.infer<typeof CONNECTION>>;

/** A connection file on the disk. It holds the key, so that only its owner may read it. */
export interface Connection {
  readonly info: ConnectionInfo;
  readonly path: string;
  /** Removes the file with its folder. */
  remove(): void;
}

const LOOPBACK = "127.0.0.1";

/** Draws a key, finds five free ports on the loopback interface and writes the connection file (mode 0600). */
export async function createConnection(): Promise<Connection> {
  const [shell, iopub, stdin, control, heartbeat] = await freePorts(5);
  const info: ConnectionInfo = {
    transport: "tcp",
    ip: LOOPBACK,
    shell_port: shell ?? 0,
    iopub_port: iopub ?? 0,
    stdin_port: stdin ?? 0,
    control_port: control ?? 0,
    hb_port: heartbeat ?? 0,
    signature_scheme: "hmac-sha256",
    key: randomBytes(32).toString("hex"),
    kernel_name: "synthmr",
  };
  const folder = mkdtempSync(join(tmpdir(), "synthmr-kernel-"));
  const path = join(folder, "connection.json");
  writeFileSync(path, JSON.stringify(info), { mode: 0o600, flag: "wx" });
  return {
    info,
    path,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Reads the connection file that a front end has written.
 *
 * @throws InputError if it cannot be read or made private, or if it would open the kernel to others: without a
 * key, or on an address that other machines reach.
 */
export function readConnection(path: string): ConnectionInfo {
  const result = CONNECTION.safeParse(parseFile(path));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new InputError(path, `not a connection file: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const info = result.data;
  if (info.key === "") throw new InputError(path, "there is no key, so that anybody could run code");
  if (info.transport === "tcp" && !/^(127(\.\d{1,3}){3}|localhost|::1)$/.test(info.ip))
    throw new InputError(path, `${info.ip} is not a loopback address`, "Use 127.0.0.1");
  return info;
}

/** The key must not be readable for other users. */
function parseFile(path: string): unknown {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch (error) {
    throw error instanceof SyntaxError
      ? new InputError(path, "is no valid JSON")
      : explainFileError(path, error);
  }
}

/** The address of one channel, as ZeroMQ writes it. */
export function channelAddress(info: ConnectionInfo, port: number): string {
  const { transport, ip } = info;
  if (transport === "ipc") return `ipc://${ip}-${port}`;
  return `tcp://${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

/** All ports are held at once before they are let go, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
}
