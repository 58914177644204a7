import { Publisher, Reply, Router } from "zeromq";
import { channelAddress } from "./connection";
import type { ConnectionInfo } from "./connection";
import { MessageError, parseMessage, serializeMessage } from "./message";
import type { Message } from "./message";

/** The channels on which a front end sends requests. */
export type RequestChannel = "shell" | "control";

/** Bytes of one frame; a front end has no reason to send more. */
const MOST_BYTES = 2 ** 28;
const OPTIONS = { linger: 1000, maxMessageSize: MOST_BYTES, ipv6: true } as const;

/**
 * The kernel's end of its five channels. What is not signed with the connection's key, or is no message, is
 * dropped with one line on stderr.
 */
export class KernelSockets {
  private readonly shell = new Router(OPTIONS);
  private readonly control = new Router(OPTIONS);
  private readonly stdin = new Router(OPTIONS);
  private readonly heartbeat = new Reply(OPTIONS);
  // Outputs must not be dropped, however fast a cell prints.
  private readonly iopub = new Publisher({ ...OPTIONS, sendHighWaterMark: 0 });
  /** A socket takes one message at a time. */
  private readonly sending = new Map<Router | Publisher, Promise<void>>();

  constructor(private readonly info: ConnectionInfo) {}

  /**
   * Listens on all channels.
   *
   * @param onRequest Told of each request that is signed and well-formed.
   * @throws Error if a port is taken.
   */
  async open(onRequest: (channel: RequestChannel, request: Message) => void): Promise<void> {
    const { shell_port, control_port, stdin_port, hb_port, iopub_port } = this.info;
    await Promise.all([
      this.shell.bind(channelAddress(this.info, shell_port)),
      this.control.bind(channelAddress(this.info, control_port)),
      this.stdin.bind(channelAddress(this.info, stdin_port)),
      this.heartbeat.bind(channelAddress(this.info, hb_port)),
      this.iopub.bind(channelAddress(this.info, iopub_port)),
    ]);
    void this.receive("shell", onRequest);
    void this.receive("control", onRequest);
    void this.dropInputs();
    void this.echo();
  }

  reply(channel: RequestChannel, message: Message): void {
    this.send(this[channel], serializeMessage(message, this.info.key));
  }

  publish(message: Message): void {
    const topic = Buffer.from(message.header.msg_type);
    this.send(this.iopub, serializeMessage({ ...message, identities: [topic] }, this.info.key));
  }

  /** Sends what is under way and closes all channels. */
  async close(): Promise<void> {
    await Promise.all(this.sending.values());
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.iopub]) socket.close();
  }

  private async receive(
    channel: RequestChannel,
    onRequest: (channel: RequestChannel, request: Message) => void,
  ): Promise<void> {
    for await (const frames of this[channel]) {
      try {
        onRequest(channel, parseMessage(frames, this.info.key));
      } catch (error) {
        logDropped(error);
      }
    }
  }

  /** Cells ask nothing, so that there is no answer to wait for. */
  private async dropInputs(): Promise<void> {
    for await (const frames of this.stdin) logDropped(new MessageError(`an input of ${frames.length} parts`));
  }

  private async echo(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }

  private send(socket: Router | Publisher, frames: Buffer[]): void {
    const before = this.sending.get(socket) ?? Promise.resolve();
    this.sending.set(socket, before.then(() => socket.send(frames)).catch(logDropped));
  }
}

function logDropped(error: unknown): void {
  const reason = error instanceof MessageError ? error.message : String(error);
  process.stderr.write(`synthmr kernel: dropped a message: ${reason.split("\n")[0] ?? ""}\n`);
}
