import { z } from "zod";
import type { Message } from "./message";
import type { CodeCell, Output } from "./notebook-file";

const FIELDS = z.record(z.string(), z.unknown());
const STREAM = z.object({ name: z.enum(["stdout", "stderr"]), text: z.string() });
const DISPLAY = z.object({
  data: FIELDS,
  metadata: FIELDS.default({}),
  transient: z.object({ display_id: z.string().optional() }).optional(),
});
const RESULT = z.object({ data: FIELDS, metadata: FIELDS.default({}), execution_count: z.number().int() });
const ERROR = z.object({ ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) });
const CLEAR = z.object({ wait: z.boolean().default(false) });

type DisplayOutput = Extract<Output, { output_type: "display_data" }>;

/** Puts the iopub messages of a notebook's cells into their outputs, as a notebook's front end does. */
export class OutputCollector {
  private readonly displays = new Map<string, DisplayOutput[]>();
  private readonly clearing = new Set<CodeCell>();

  /** Empties the outputs of a cell. */
  static reset(cell: CodeCell): void {
    cell.outputs = [];
    cell.execution_count = null;
  }

  /**
   * @param cell The cell whose request the message answers; its outputs are changed.
   * @returns Whether something changed.
   */
  collect(cell: CodeCell, message: Message): boolean {
    const { content } = message;
    switch (message.header.msg_type) {
      case "stream":
        return this.addText(cell, STREAM.parse(content));
      case "display_data":
        return this.addDisplay(cell, DISPLAY.parse(content));
      case "update_display_data":
        return this.update(DISPLAY.parse(content));
      case "execute_result":
        return this.add(cell, { output_type: "execute_result", ...RESULT.parse(content) });
      case "error":
        return this.add(cell, { output_type: "error", ...ERROR.parse(content) });
      case "clear_output":
        if (CLEAR.parse(content).wait) this.clearing.add(cell);
        else cell.outputs = [];
        return true;
      default:
        return false;
    }
  }

  private add(cell: CodeCell, output: Output): boolean {
    if (this.clearing.delete(cell)) cell.outputs = [];
    cell.outputs.push(output);
    return true;
  }

  private addText(cell: CodeCell, { name, text }: z.infer<typeof STREAM>): boolean {
    const last = this.clearing.has(cell) ? undefined : cell.outputs.at(-1);
    if (last?.output_type !== "stream" || last.name !== name)
      return this.add(cell, { output_type: "stream", name, text: overwriteLines(text) });
    last.text = overwriteLines(last.text + text);
    return true;
  }

  private addDisplay(cell: CodeCell, display: z.infer<typeof DISPLAY>): boolean {
    const output: DisplayOutput = {
      output_type: "display_data",
      data: display.data,
      metadata: display.metadata,
    };
    const id = display.transient?.display_id;
    if (id !== undefined) this.displays.set(id, [...(this.displays.get(id) ?? []), output]);
    return this.add(cell, output);
  }

  private update(display: z.infer<typeof DISPLAY>): boolean {
    const outputs = this.displays.get(display.transient?.display_id ?? "") ?? [];
    for (const output of outputs) {
      output.data = display.data;
      output.metadata = display.metadata;
    }
    return outputs.length > 0;
  }
}

/** A carriage return starts its line anew, as on a terminal. */
function overwriteLines(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\n", "\n").replace(/^.*\r(?=.)/gm, "") : text;
}
