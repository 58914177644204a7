import { JupyterHandlerImpl, ZmqServer } from "tslab/dist/jupyter";
import { versions } from "tslab";
import { z } from "zod";
import { CellChannel } from "./cell-channel";
import type { CellOutcome, CellRunner } from "./cell-runner";

type TslabMessage = Parameters<ZmqServer["handleExecute"]>[1];
type KernelInfo = ReturnType<JupyterHandlerImpl["handleKernel"]>;

const EXECUTE_REQUEST = z.object({ code: z.string() });

/** Answers for everything but the running of cells as tslab does, under the project's name. */
class KernelHandler extends JupyterHandlerImpl {
  override handleKernel(): KernelInfo {
    const info = super.handleKernel();
    return {
      ...info,
      implementation: "synthmr",
      implementation_version: versions.tslab,
      banner: `SynthMR (TypeScript ${versions.typescript} on Node ${process.versions.node})`,
      language_info: { ...info.language_info, version: versions.typescript },
    };
  }
}

/** tslab's server on the kernel's five sockets, with cells run by a CellRunner. */
export class CellServer extends ZmqServer {
  constructor(
    private readonly cells: CellRunner,
    connectionPath: string,
  ) {
    super(new KernelHandler(cells.executor, false), connectionPath);
  }

  override async handleExecute(socket: unknown, request: TslabMessage): Promise<void> {
    const channel = new CellChannel((type, content) => {
      this.answer(this.iopub, request, type, content);
    });
    const parsed = EXECUTE_REQUEST.safeParse(request.content);
    const outcome: CellOutcome = parsed.success
      ? await this.cells.run(parsed.data.code, channel)
      : { status: "aborted" };
    this.answer(socket, request, "execute_reply", executeReply(outcome));
  }

  private answer(
    socket: unknown,
    request: TslabMessage,
    type: string,
    content: Readonly<Record<string, unknown>>,
  ): void {
    const message = request.createReply();
    message.header.msg_type = type;
    message.content = content;
    message.signAndSend(this.connInfo.key, socket);
  }
}

function executeReply(outcome: CellOutcome): Record<string, unknown> {
  switch (outcome.status) {
    case "ok":
      return { status: "ok", execution_count: outcome.executionCount, user_expressions: {}, payload: [] };
    case "error":
      return { status: "error", execution_count: outcome.executionCount, ...outcome.error };
    case "aborted":
      return { status: "aborted" };
  }
}
