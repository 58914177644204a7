import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";

/** Asserts that a call fails with an InputError of one line that names all the given parts. */
export function failsNaming(call: () => unknown, ...parts: readonly string[]): void {
  let caught: unknown;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  checkFault(caught, parts);
}

/** As failsNaming for a promise. */
export async function rejectsNaming(promise: Promise<unknown>, ...parts: readonly string[]): Promise<void> {
  checkFault(await promise.then(() => undefined).catch((error: unknown) => error), parts);
}

function checkFault(caught: unknown, parts: readonly string[]): void {
  assert.ok(caught instanceof InputError, `expected an InputError, got ${String(caught)}`);
  assert.not.match(caught.message, /\n/);
  for (const part of parts) assert.ok(caught.message.includes(part), `"${caught.message}" lacks "${part}"`);
}
