import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/**
 * One message of the Jupyter messaging protocol 5.3, signed with HMAC-SHA256.
 *
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html, "The wire protocol".
 */
export interface Message {
  /** Routing prefix: whom a reply goes to. */
  readonly identities: readonly Buffer[];
  readonly header: MessageHeader;
  /** Header of the request that this message answers; empty where there is none. */
  readonly parentHeader: z.infer<typeof PARENT>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
}

export type MessageHeader = z.infer<typeof HEADER>;

/** A message that is not signed with the connection's key, or that is not a message at all. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

export const PROTOCOL_VERSION = "5.3";

const DELIMITER = Buffer.from("<IDS|MSG>");
const HEADER = z.object({
  msg_id: z.string(),
  msg_type: z.string(),
  session: z.string(),
  username: z.string(),
  date: z.string(),
  version: z.string(),
});
const PARENT = HEADER.partial();
const FIELDS = z.record(z.string(), z.unknown());

/** Makes a request with a fresh id. */
export function createMessage(
  type: string,
  content: Readonly<Record<string, unknown>>,
  session: string,
): Message {
  const header = {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: "synthmr",
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
  return { identities: [], header, parentHeader: {}, metadata: {}, content };
}

/** Makes the answer to a request, for whoever has sent it. */
export function createAnswer(
  request: Message,
  type: string,
  content: Readonly<Record<string, unknown>>,
  session: string,
): Message {
  const { identities, header } = request;
  return { ...createMessage(type, content, session), identities, parentHeader: header };
}

/**
 * The frames of a message as they go over the wire.
 *
 * @param key The connection's key; the signature is empty where the key is.
 */
export function serializeMessage(message: Message, key: string): Buffer[] {
  const parts = [message.header, message.parentHeader, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [...message.identities, DELIMITER, Buffer.from(sign(parts, key)), ...parts];
}

/**
 * Reads a message and checks its signature before anything in it is parsed.
 *
 * @param frames Routing prefix, delimiter, signature, header, parent header, metadata, content, buffers.
 * @throws MessageError if the signature is not that of the key, or if a part is missing or malformed.
 */
export function parseMessage(frames: readonly Buffer[], key: string): Message {
  const start = frames.findIndex((frame) => frame.equals(DELIMITER));
  if (start < 0) throw new MessageError("no delimiter in the message");
  const [signature, header, parentHeader, metadata, content] = frames.slice(start + 1);
  if (!signature || !header || !parentHeader || !metadata || !content)
    throw new MessageError(`expected 5 parts after the delimiter, found ${frames.length - start - 1}`);

  const expected = Buffer.from(sign([header, parentHeader, metadata, content], key));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw new MessageError("the signature is not that of this connection");
  return {
    identities: frames.slice(0, start),
    header: parsePart("header", HEADER, header),
    parentHeader: parsePart("parent header", PARENT, parentHeader),
    metadata: parsePart("metadata", FIELDS, metadata),
    content: parsePart("content", FIELDS, content),
  };
}

function sign(parts: readonly Buffer[], key: string): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

function parsePart<T>(name: string, schema: z.ZodType<T>, bytes: Buffer): T {
  try {
    return schema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw new MessageError(`the ${name} is malformed`);
  }
}
