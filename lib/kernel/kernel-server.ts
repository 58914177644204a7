import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { completionsAt, inspectionAt } from "./cell-assistance";
import { completenessOf } from "./cell-completeness";
import type { CellOutcome, CellSession } from "./cell-session";
import {
  CODE_REQUEST,
  COMM_OPEN,
  CURSOR_REQUEST,
  EXECUTE_REQUEST,
  HISTORY_REQUEST,
  kernelInformation,
  SHUTDOWN_REQUEST,
} from "./kernel-requests";
import type { KernelSockets, RequestChannel } from "./kernel-sockets";
import { createAnswer, MessageError } from "./message";
import type { Message } from "./message";

type Content = Readonly<Record<string, unknown>>;

/** Milliseconds that a running cell has to end before the kernel does. */
const SHUTDOWN_GRACE_MS = 3000;

/** Answers the requests of front ends. Only cells wait for each other; all else is answered at once. */
export class KernelServer {
  private readonly session = randomUUID();
  /** The request whose cell runs. */
  private running: Message | null = null;

  /** @param onShutdown Called when the last reply has been sent. */
  constructor(
    private readonly cells: CellSession,
    private readonly sockets: KernelSockets,
    private readonly onShutdown: () => void,
  ) {}

  /**
   * Answers one request.
   *
   * @throws MessageError if its content is malformed, or of no known type.
   */
  handle(channel: RequestChannel, request: Message): void {
    const { msg_type: type } = request.header;
    if (type === "execute_request") {
      this.execute(channel, request);
      return;
    }
    if (type === "comm_msg" || type === "comm_close") return;
    const reply = this.answerTo(type, request);
    this.publish(request, "status", { execution_state: "busy" });
    if (reply) this.reply(channel, request, type.replace(/_request$/, "_reply"), reply);
    this.publish(request, "status", { execution_state: "idle" });
    // Front ends look at the last state that they were told, whatever it answers.
    if (this.running) this.publish(this.running, "status", { execution_state: "busy" });
    if (type === "shutdown_request") void this.shutDown();
  }

  /** Publishes a line that belongs to the cell that runs, if one does. */
  tellRunningCell(text: string): void {
    if (this.running) this.publish(this.running, "stream", { name: "stderr", text });
  }

  private answerTo(type: string, request: Message): Content | null {
    const { content } = request;
    switch (type) {
      case "kernel_info_request":
        return kernelInformation();
      case "complete_request": {
        const { code, cursor_pos } = read(CURSOR_REQUEST, content);
        return { status: "ok", ...completionsAt(this.cells.compiler, code, cursor_pos) };
      }
      case "inspect_request": {
        const { code, cursor_pos } = read(CURSOR_REQUEST, content);
        const data = inspectionAt(this.cells.compiler, code, cursor_pos);
        return { status: "ok", found: data !== null, data: data ?? {}, metadata: {} };
      }
      case "is_complete_request":
        return completenessOf(read(CODE_REQUEST, content).code);
      case "history_request":
        return { status: "ok", history: this.cells.history.find(read(HISTORY_REQUEST, content)) };
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "comm_open":
        // There are no widgets: whoever opens a line is told that it is closed.
        this.publish(request, "comm_close", { ...read(COMM_OPEN, content), data: {} });
        return null;
      case "interrupt_request":
        this.cells.interrupt();
        return { status: "ok" };
      case "shutdown_request":
        return { status: "ok", ...read(SHUTDOWN_REQUEST, content) };
      default:
        throw new MessageError(`no request of the type ${JSON.stringify(type.slice(0, 80))} is known`);
    }
  }

  private execute(channel: RequestChannel, request: Message): void {
    const order = read(EXECUTE_REQUEST, request.content);
    const outcome = this.cells.run(
      {
        code: order.code,
        silent: order.silent,
        storeHistory: order.store_history,
        stopOnError: order.stop_on_error,
        expressions: order.user_expressions,
      },
      (type, content) => {
        this.publish(request, type, content);
      },
      () => {
        this.running = request;
        this.publish(request, "status", { execution_state: "busy" });
      },
    );
    void outcome.then((result) => {
      this.running = null;
      this.reply(channel, request, "execute_reply", executeReply(result));
      this.publish(request, "status", { execution_state: "idle" });
    });
  }

  /** A training that runs may write its checkpoint before. */
  private async shutDown(): Promise<void> {
    this.cells.interrupt();
    const grace = new Promise((resolve) => setTimeout(resolve, SHUTDOWN_GRACE_MS));
    await Promise.race([this.cells.idle(), grace]);
    this.onShutdown();
  }

  private publish(request: Message, type: string, content: Content): void {
    this.sockets.publish(createAnswer(request, type, content, this.session));
  }

  private reply(channel: RequestChannel, request: Message, type: string, content: Content): void {
    this.sockets.reply(channel, createAnswer(request, type, content, this.session));
  }
}

function read<T>(schema: z.ZodType<T>, content: Content): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new MessageError(`the content is malformed: ${issue?.path.join(".")}: ${issue?.message}`);
}

function executeReply(outcome: CellOutcome): Content {
  switch (outcome.status) {
    case "ok":
      return {
        status: "ok",
        execution_count: outcome.executionCount,
        user_expressions: outcome.expressions,
        payload: [],
      };
    case "error":
      return { status: "error", execution_count: outcome.executionCount, ...outcome.error };
    case "aborted":
      return { status: "aborted" };
  }
}
