import { inspect } from "node:util";
import type { ThrownValue } from "./cell-protocol";

const MOST_CAUSES = 5;
const MOST_TEXT = 10_000;

/** What a cell threw, in a form that can leave the process. Causes follow the stack of what they caused. */
export function describeThrown(thrown: unknown): ThrownValue {
  if (!isError(thrown)) return { name: "Error", message: cut(textOf(thrown)), frames: [] };
  const frames = framesOf(thrown);
  let { cause } = thrown;
  for (let depth = 0; isError(cause) && depth < MOST_CAUSES; depth++) {
    frames.push(`caused by ${nameOf(cause)}: ${cut(String(cause.message))}`, ...framesOf(cause));
    ({ cause } = cause);
  }
  return { name: nameOf(thrown), message: cut(String(thrown.message)), frames };
}

/**
 * Several errors as one: the first, with the others behind its stack.
 *
 * @param thrown May hold an error twice.
 * @returns null where there is none.
 */
export function describeAll(thrown: readonly unknown[]): ThrownValue | null {
  const [first, ...others] = [...new Set(thrown)].map(describeThrown);
  if (!first || others.length === 0) return first ?? null;
  const more = others.length === 1 ? "1 more error" : `${others.length} more errors`;
  const frames = others.flatMap(({ name, message, frames }) => [`and ${name}: ${message}`, ...frames]);
  return { ...first, message: `${first.message} (and ${more})`, frames: [...first.frames, ...frames] };
}

/** Errors of other realms, and those of libraries that only look like errors, count. */
function isError(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && "stack" in value && "message" in value)
  );
}

function nameOf(error: Error): string {
  return typeof error.name === "string" && error.name !== "" ? error.name : "Error";
}

function framesOf({ stack }: Error): string[] {
  return String(stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}

function cut(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)} [cut]`;
}
