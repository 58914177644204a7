import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createMessage, MessageError, parseMessage, serializeMessage } from "../../lib/kernel/message";

const test = suite("message");
const KEY = "a-secret";
const message = createMessage("execute_request", { code: "1 + 1" }, "session");

test("reads what it has written", () => {
  assert.equal(parseMessage(serializeMessage(message, KEY), KEY), message);
});

test("reads past a routing prefix", () => {
  const frames = [Buffer.from("topic"), ...serializeMessage(message, KEY)];
  assert.equal(parseMessage(frames, KEY).content, { code: "1 + 1" });
});

test("signs as the protocol's own example does", () => {
  // hmac.new(b"a-secret", b"{}" * 4, hashlib.sha256).hexdigest() in Python 3.11.
  const parts = ["{}", "{}", "{}", "{}"].map((part) => Buffer.from(part));
  const signature = "e594ca8172ca964dd5716f38348136e8c7768530ec702c6c5dbe80051d7e5851";
  assert.throws(
    () => parseMessage([Buffer.from("<IDS|MSG>"), Buffer.from(signature), ...parts], KEY),
    (error: Error) => error.message === "the header is malformed",
  );
});

test("refuses a message that was changed, or signed with another key", () => {
  const frames = serializeMessage(message, KEY);
  frames[5] = Buffer.from(JSON.stringify({ code: "process.exit()" }));
  const refused = (error: Error): boolean =>
    error instanceof MessageError && error.message.includes("signature");
  assert.throws(() => parseMessage(frames, KEY), refused);
  assert.throws(() => parseMessage(serializeMessage(message, "another"), KEY), refused);
  assert.throws(() => parseMessage(serializeMessage(message, ""), KEY), refused);
});

test("refuses frames that are no message", () => {
  const refused = (error: Error): boolean => error instanceof MessageError;
  assert.throws(() => parseMessage([], KEY), refused);
  assert.throws(() => parseMessage([Buffer.from("<IDS|MSG>")], KEY), refused);
  for (let length = 0; length < 6; length++)
    assert.throws(() => parseMessage(serializeMessage(message, KEY).slice(0, length), KEY), refused);
});

test.run();
