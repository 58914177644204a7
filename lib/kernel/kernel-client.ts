import { randomUUID } from "node:crypto";
import { Dealer, Request, Subscriber } from "zeromq";
import { channelAddress } from "./connection";
import type { ConnectionInfo } from "./connection";
import { createMessage, MessageError, parseMessage, serializeMessage } from "./message";
import type { Message } from "./message";

/** What a request came to: the reply on the shell or control channel. */
export type Reply = Readonly<Record<string, unknown>>;

interface Pending {
  readonly onOutput: (message: Message) => void;
  readonly resolve: (reply: Reply) => void;
  reply: Reply | null;
  idle: boolean;
}

/**
 * The client's end of a kernel's channels. A request is done when its reply has come and the kernel has said
 * that it is idle again: all outputs of a cell precede that on the iopub channel.
 */
export class KernelClient {
  private readonly shell = new Dealer({ linger: 0 });
  private readonly control = new Dealer({ linger: 0 });
  // Outputs must not be dropped, however fast a cell prints.
  private readonly iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  private readonly session = randomUUID();
  private readonly pending = new Map<string, Pending>();
  private closed = false;

  /**
   * @param info The connection that the kernel was started with.
   * @param onFault Told of each message that is dropped because it is not signed or not well-formed.
   */
  constructor(
    private readonly info: ConnectionInfo,
    private readonly onFault: (fault: MessageError) => void,
  ) {
    this.shell.connect(channelAddress(info, info.shell_port));
    this.control.connect(channelAddress(info, info.control_port));
    this.iopub.connect(channelAddress(info, info.iopub_port));
    this.iopub.subscribe();
    void this.receive(this.shell, (message) => {
      this.settleReply(message);
    });
    void this.receive(this.control, (message) => {
      this.settleReply(message);
    });
    void this.receive(this.iopub, (message) => {
      this.settleOutput(message);
    });
  }

  /**
   * Sends a request and waits for its reply and for the kernel to be idle again.
   *
   * @param onOutput Called with each iopub message that answers this request.
   */
  async request(
    channel: "shell" | "control",
    type: string,
    content: Readonly<Record<string, unknown>>,
    onOutput: (message: Message) => void = () => undefined,
  ): Promise<Reply> {
    const message = createMessage(type, content, this.session);
    const done = new Promise<Reply>((resolve) => {
      this.pending.set(message.header.msg_id, { onOutput, resolve, reply: null, idle: false });
    });
    await this[channel].send(serializeMessage(message, this.info.key));
    return done;
  }

  /** Whether the kernel echoes a heartbeat within the time; it cannot while a cell blocks its thread. */
  async heartbeat(timeoutMs: number): Promise<boolean> {
    const socket = new Request({ linger: 0, sendTimeout: timeoutMs, receiveTimeout: timeoutMs });
    socket.connect(channelAddress(this.info, this.info.hb_port));
    try {
      await socket.send("ping");
      const [echo] = await socket.receive();
      return echo?.toString() === "ping";
    } catch {
      return false;
    } finally {
      socket.close();
    }
  }

  /** Closes the channels; requests under way are never answered. */
  close(): void {
    this.closed = true;
    this.shell.close();
    this.control.close();
    this.iopub.close();
  }

  private async receive(socket: Dealer | Subscriber, handle: (message: Message) => void): Promise<void> {
    try {
      for await (const frames of socket) this.handleFrames(frames, handle);
    } catch (error) {
      // Closing a socket ends its loop with an error.
      if (!this.closed) throw error;
    }
  }

  private handleFrames(frames: Buffer[], handle: (message: Message) => void): void {
    try {
      handle(parseMessage(frames, this.info.key));
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.onFault(error);
    }
  }

  private settleReply(message: Message): void {
    const request = this.requestOf(message);
    if (!request) return;
    request.reply = message.content;
    this.settle(message);
  }

  private settleOutput(message: Message): void {
    const request = this.requestOf(message);
    if (!request) return;
    if (message.header.msg_type !== "status") {
      request.onOutput(message);
    } else if (message.content.execution_state === "idle") {
      request.idle = true;
      this.settle(message);
    }
  }

  private settle(message: Message): void {
    const request = this.requestOf(message);
    if (!request?.idle || request.reply === null) return;
    this.pending.delete(message.parentHeader.msg_id ?? "");
    request.resolve(request.reply);
  }

  private requestOf(message: Message): Pending | undefined {
    return this.pending.get(message.parentHeader.msg_id ?? "");
  }
}
