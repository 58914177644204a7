/** Kinds of fields in the wire format of protocol buffers, as far as they are needed. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/**
 * Writes messages of protocol buffers field by field.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class MessageWriter {
  private readonly parts: Buffer[] = [];

  /** An integer, bool or enum; negative ones as 64-bit two's complement. */
  integer(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint(value);
  }

  /** A 32-bit float. */
  float(field: number, value: number): void {
    this.tag(field, FIXED_32);
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.parts.push(bytes);
  }

  /** A 64-bit float. */
  double(field: number, value: number): void {
    this.tag(field, FIXED_64);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.parts.push(bytes);
  }

  /** A string (UTF-8) or bytes. */
  bytes(field: number, value: string | Uint8Array): void {
    const bytes = Buffer.from(value as string);
    this.tag(field, LENGTH_DELIMITED);
    this.varint(bytes.length);
    this.parts.push(bytes);
  }

  /** A message inside this one. */
  message(field: number, fill: (inner: MessageWriter) => void): void {
    const inner = new MessageWriter();
    fill(inner);
    this.bytes(field, inner.finish());
  }

  /** The whole message. */
  finish(): Buffer {
    return Buffer.concat(this.parts);
  }

  private tag(field: number, kind: number): void {
    this.varint(field * 8 + kind);
  }

  private varint(value: number): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.parts.push(Buffer.from(bytes));
  }
}
