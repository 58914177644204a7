import { Buffer } from "node:buffer";

/** A name that a pickle refers to, such as `torch._utils._rebuild_tensor_v2`. It is a name, nothing more. */
export interface PickleName {
  readonly name: string;
}

/** What a pickle may hold here. A tuple is an array like a list. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleName
  | PickleObject
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

/** An object that the reader's caller made of a call or of a reference to something outside. */
export interface PickleObject {
  readonly made: unknown;
}

/** How a caller understands what is not plain data. Both throw what they do not know. */
export interface PickleMeanings {
  /** A call of a named function; nothing is called but this. */
  readonly call: (name: string, args: readonly PickleValue[]) => PickleValue;
  /** A reference to something outside of the pickle. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

/** Marks the place on the stack where a tuple or a run of items begins. */
const MARK = Symbol("mark");
type Stacked = PickleValue | typeof MARK;

/** Names are looked at, never resolved. */
const LONGEST_NAME = 200;

/**
 * Reads one pickle of protocol 2 as data. Of the format's operations only those are known that files of weights
 * use; none runs anything.
 *
 * @param bytes May go on after the pickle.
 * @param start Where the pickle begins.
 * @returns The value, and where the pickle ends.
 * @throws RangeError naming what the reader does not know, or saying that the pickle is cut short.
 * @see Python's pickletools for the operations.
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  meanings: PickleMeanings,
): { readonly value: PickleValue; readonly end: number } {
  const reader = new PickleReader(bytes, start, meanings);
  return { value: reader.read(), end: reader.at };
}

class PickleReader {
  private readonly stack: Stacked[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly data: Buffer;

  constructor(
    bytes: Uint8Array,
    public at: number,
    private readonly meanings: PickleMeanings,
  ) {
    this.data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): PickleValue {
    for (;;) {
      const place = this.at;
      const operation = String.fromCharCode(this.byte());
      if (operation === ".") break;
      const step = this.scalar(operation) || this.container(operation) || this.reference(operation);
      if (!step)
        throw new RangeError(
          `operation 0x${operation.charCodeAt(0).toString(16)} at byte ${place} is not allowed`,
        );
    }
    const value = this.pop();
    if (this.stack.length > 0) throw new RangeError("the pickle leaves values over");
    return value;
  }

  /** Numbers, texts, constants. @returns Whether the operation is one of these. */
  private scalar(operation: string): boolean {
    switch (operation) {
      case "\x80": // PROTO
        if (this.byte() !== 2) throw new RangeError("the pickle is not of protocol 2");
        return true;
      case "N":
        return this.push(null);
      case "\x88":
        return this.push(true);
      case "\x89":
        return this.push(false);
      case "K":
        return this.push(this.byte());
      case "M":
        return this.push(this.data.readUInt16LE(this.take(2)));
      case "J":
        return this.push(this.data.readInt32LE(this.take(4)));
      case "\x8a": // LONG1: little-endian two's complement
        return this.push(this.long(this.byte()));
      case "G":
        return this.push(this.data.readDoubleBE(this.take(8)));
      case "X":
        return this.push(this.text(this.data.readUInt32LE(this.take(4))));
      default:
        return false;
    }
  }

  private container(operation: string): boolean {
    switch (operation) {
      case "(":
        this.stack.push(MARK);
        return true;
      case ")":
      case "]":
        return this.push([]);
      case "}":
        return this.push(new Map());
      case "t":
        return this.push(this.popToMark());
      case "\x85":
        return this.push([this.pop()]);
      case "\x86":
      case "\x87": {
        const items = Array.from({ length: operation === "\x86" ? 2 : 3 }, () => this.pop());
        return this.push(items.reverse());
      }
      case "a":
        return this.append([this.pop()]);
      case "e":
        return this.append(this.popToMark());
      case "s": {
        const value = this.pop();
        return this.setItems([this.pop(), value]);
      }
      case "u":
        return this.setItems(this.popToMark());
      default:
        return false;
    }
  }

  /** The memo, names, calls, references to the outside. */
  private reference(operation: string): boolean {
    switch (operation) {
      case "q":
        return this.remember(this.byte());
      case "r":
        return this.remember(this.data.readUInt32LE(this.take(4)));
      case "h":
        return this.recall(this.byte());
      case "j":
        return this.recall(this.data.readUInt32LE(this.take(4)));
      case "c":
        return this.push({ name: `${this.line()}.${this.line()}` });
      case "R": {
        const args = this.pop();
        const callee = this.pop();
        if (!Array.isArray(args) || !isName(callee)) throw new RangeError("a call is not of a name");
        return this.push(this.meanings.call(callee.name, args));
      }
      case "b":
        // Attributes of an object: weights have none that count.
        this.pop();
        if (!(this.peek() instanceof Map)) throw new RangeError("attributes are set on what is no mapping");
        return true;
      case "Q":
        return this.push(this.meanings.persistent(this.pop()));
      default:
        return false;
    }
  }

  private byte(): number {
    return this.data.readUInt8(this.take(1));
  }

  /** @returns Where the next `count` bytes begin. */
  private take(count: number): number {
    const from = this.at;
    if (from + count > this.data.length) throw new RangeError("the pickle is cut short");
    this.at += count;
    return from;
  }

  private text(length: number): string {
    const from = this.take(length);
    return this.data.toString("utf8", from, from + length);
  }

  private line(): string {
    const end = this.data.indexOf(0x0a, this.at);
    if (end < 0 || end - this.at > LONGEST_NAME) throw new RangeError("a name is too long or cut short");
    const text = this.text(end - this.at);
    this.take(1);
    return text;
  }

  private long(length: number): number | bigint {
    const from = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.data[from + i] as number);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  private push(value: PickleValue): true {
    this.stack.push(value);
    return true;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw new RangeError("the pickle takes what it did not put");
    return value;
  }

  private peek(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  private popToMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new RangeError("the pickle takes what it did not put");
    return this.stack.splice(mark).slice(1) as PickleValue[];
  }

  private append(items: readonly PickleValue[]): true {
    const list = this.peek();
    if (!Array.isArray(list)) throw new RangeError("items are put into what is no list");
    for (const item of items) list.push(item);
    return true;
  }

  private setItems(items: readonly PickleValue[]): true {
    const mapping = this.peek();
    if (!(mapping instanceof Map) || items.length % 2 !== 0)
      throw new RangeError("items are put into what is no mapping");
    for (let i = 0; i < items.length; i += 2) mapping.set(items[i] ?? null, items[i + 1] ?? null);
    return true;
  }

  private remember(key: number): true {
    this.memo.set(key, this.peek());
    return true;
  }

  private recall(key: number): true {
    const value = this.memo.get(key);
    if (value === undefined) throw new RangeError("the pickle recalls what it did not remember");
    return this.push(value);
  }
}

function isName(value: PickleValue): value is PickleName {
  return typeof value === "object" && value !== null && "name" in value;
}
