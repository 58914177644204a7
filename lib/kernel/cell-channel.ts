/** Sends one output of a cell. */
export type Publish = (type: string, content: Readonly<Record<string, unknown>>) => void;

export type StreamName = "stdout" | "stderr";

const FLUSH_AFTER_MS = 100;
const FLUSH_AFTER_CHARACTERS = 1 << 16;
/** Characters of printed text that a cell may leave in a notebook. */
export const MOST_TEXT = 1 << 20;
/** Characters of one form of one display. */
export const MOST_DISPLAYED = 1 << 24;

/**
 * Where the outputs of one cell go. Text is gathered into messages of some size, because a loop that prints
 * a line at a time would otherwise overrun the queue of the iopub channel, which then drops lines. What would
 * make a notebook too large to open is cut, with a note.
 */
export class CellChannel {
  private name: StreamName = "stdout";
  private text = "";
  // The first text is sent at once: what follows may keep the thread busy for long.
  private flushedAt = 0;
  private timer: NodeJS.Immediate | null = null;
  private written = 0;
  private cut = 0;

  constructor(private readonly publish: Publish) {}

  /** Appends text to a stream of the cell. */
  write(name: StreamName, text: string): void {
    const taken = text.slice(0, Math.max(0, MOST_TEXT - this.written));
    this.written += taken.length;
    this.cut += text.length - taken.length;
    if (taken === "") return;
    if (name !== this.name) this.flush();
    this.name = name;
    this.text += taken;
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
    this.publish(type, "data" in content ? { ...content, data: withinLimit(content.data) } : content);
  }

  /** Sends what is left when the cell has ended, and says what was cut. */
  end(): void {
    this.flush();
    if (this.cut === 0) return;
    const text = `\n[output cut: ${this.cut.toLocaleString("en-US")} more characters were printed]\n`;
    this.cut = 0;
    this.publish("stream", { name: "stderr", text });
  }
}

/** A bundle without the forms that are too large, and with a note in their place. */
function withinLimit(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return data;
  const notes: string[] = [];
  const kept = Object.entries(data).filter(([type, part]) => {
    const size = (typeof part === "string" ? part : (JSON.stringify(part) ?? "")).length;
    if (size > MOST_DISPLAYED)
      notes.push(`[output cut: ${type} of ${size.toLocaleString("en-US")} characters]`);
    return size <= MOST_DISPLAYED;
  });
  if (notes.length === 0) return data;
  const bundle = Object.fromEntries(kept);
  const text = typeof bundle["text/plain"] === "string" ? [bundle["text/plain"]] : [];
  return { ...bundle, "text/plain": [...text, ...notes].join("\n") };
}
