import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jsonNumber, orNull } from "../../lib/storage/json-number";

const test = suite("numbers in JSON");

test("a number comes back from a file as it was, NaN by way of null", () => {
  for (const value of [0, -0.5, 1e-300, Number.NaN]) {
    const text = JSON.stringify({ value: orNull(value) });
    assert.equal(jsonNumber.parse((JSON.parse(text) as { value: unknown }).value), value);
  }
});

test("what is no number and not null is refused", () => {
  assert.is(orNull(undefined), null);
  for (const value of [undefined, "1", true]) assert.not(jsonNumber.safeParse(value).success);
});

test.run();
