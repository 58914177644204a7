/** Sends one message on the iopub channel as an answer to the request of a cell. */
export type Publish = (type: string, content: Readonly<Record<string, unknown>>) => void;

export type StreamName = "stdout" | "stderr";

const FLUSH_AFTER_MS = 100;
const FLUSH_AFTER_CHARACTERS = 1 << 16;

/**
 * Where the outputs of one cell go. Text is gathered into messages of some size, because a loop that prints
 * a line at a time would otherwise overrun the queue of the iopub channel, which then drops lines.
 */
export class CellChannel {
  private name: StreamName = "stdout";
  private text = "";
  private flushedAt = Date.now();
  private timer: NodeJS.Immediate | null = null;

  constructor(private readonly publish: Publish) {}

  /** Appends text to a stream of the cell. */
  write(name: StreamName, text: string): void {
    if (name !== this.name) this.flush();
    this.name = name;
    this.text += text;
    if (this.text.length > FLUSH_AFTER_CHARACTERS || Date.now() - this.flushedAt > FLUSH_AFTER_MS)
      this.flush();
    else
      this.timer ??= setImmediate(() => {
        this.flush();
      });
  }

  /** Sends what has been written so far. */
  flush(): void {
    if (this.timer) clearImmediate(this.timer);
    this.timer = null;
    this.flushedAt = Date.now();
    if (this.text === "") return;
    const text = this.text;
    this.text = "";
    this.publish("stream", { name: this.name, text });
  }

  /** Sends any other output, after the text that came before it. */
  send(type: string, content: Readonly<Record<string, unknown>>): void {
    this.flush();
    this.publish(type, content);
  }
}
