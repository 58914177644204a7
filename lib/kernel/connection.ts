import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a kernel and its client share, under the names of the connection file. */
export interface ConnectionInfo {
  readonly transport: "tcp";
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly signature_scheme: "hmac-sha256";
  /** Secret of this connection, hexadecimal. */
  readonly key: string;
  readonly kernel_name: string;
}

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

/** The address of one channel, as ZeroMQ writes it. */
export function channelAddress(info: ConnectionInfo, port: number): string {
  return `${info.transport}://${info.ip}:${port}`;
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
