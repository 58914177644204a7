import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OutputCollector } from "../../lib/kernel/cell-outputs";
import { createMessage } from "../../lib/kernel/message";
import type { CodeCell } from "../../lib/kernel/notebook-file";

const test = suite("OutputCollector");

function emptyCell(): CodeCell {
  return { cell_type: "code", id: "a", metadata: {}, source: "", execution_count: null, outputs: [] };
}

function outputsOf(...messages: readonly [string, Readonly<Record<string, unknown>>][]): CodeCell["outputs"] {
  const [cell, collector] = [emptyCell(), new OutputCollector()];
  for (const [type, content] of messages) collector.collect(cell, createMessage(type, content, "session"));
  return cell.outputs;
}

test("joins text of one stream, and keeps streams apart", () => {
  const outputs = outputsOf(
    ["stream", { name: "stdout", text: "a" }],
    ["stream", { name: "stdout", text: "b\n" }],
    ["stream", { name: "stderr", text: "c" }],
  );
  assert.equal(outputs, [
    { output_type: "stream", name: "stdout", text: "ab\n" },
    { output_type: "stream", name: "stderr", text: "c" },
  ]);
});

test("starts a line anew at a carriage return", () => {
  const outputs = outputsOf(
    ["stream", { name: "stdout", text: "10 %\r20 %" }],
    ["stream", { name: "stdout", text: "\r30 %\ndone\r\n" }],
  );
  assert.equal(outputs, [{ output_type: "stream", name: "stdout", text: "30 %\ndone\n" }]);
});

test("puts an updated display in the place of the first", () => {
  const display = (text: string): Readonly<Record<string, unknown>> => ({
    data: { "text/plain": text },
    metadata: {},
    transient: { display_id: "bar" },
  });
  const outputs = outputsOf(
    ["display_data", display("10 %")],
    ["stream", { name: "stdout", text: "between\n" }],
    ["update_display_data", display("20 %")],
  );
  assert.equal(outputs, [
    { output_type: "display_data", data: { "text/plain": "20 %" }, metadata: {} },
    { output_type: "stream", name: "stdout", text: "between\n" },
  ]);
});

test("clears at once, or when the next output comes", () => {
  const text = (words: string): [string, Readonly<Record<string, unknown>>] => [
    "stream",
    { name: "stdout", text: words },
  ];
  assert.equal(outputsOf(text("a"), ["clear_output", { wait: false }]), []);
  assert.is(outputsOf(text("a"), ["clear_output", { wait: true }]).length, 1);
  assert.equal(outputsOf(text("a"), ["clear_output", { wait: true }], text("b")), [
    { output_type: "stream", name: "stdout", text: "b" },
  ]);
});

test.run();
