/**
 * A fault in what the user gave: a file, a field, a flag, a full disk. Commands print its message as one
 * line and leave with exit code 2; anything else is a defect of the program and keeps its stack.
 */
export class InputError extends Error {
  override readonly name = "InputError";

  /**
   * @param subject What is at fault: a path, `file: field`, or a flag.
   * @param reason What is wrong with it, expected against found.
   * @param remedy What the user can do, in the imperative; left out where nothing helps.
   */
  constructor(
    readonly subject: string,
    readonly reason: string,
    readonly remedy?: string,
  ) {
    super(printable(remedy === undefined ? `${subject}: ${reason}` : `${subject}: ${reason}. ${remedy}`));
  }
}

/**
 * A result that a run does not hold: its profile leaves it out, or weights do not come with the project. A cell
 * that shows it says so and goes on.
 */
export class MissingResult extends InputError {}

/**
 * A text on one line, with control characters written as their codes: names of files may hold line breaks, and
 * sequences that a terminal would obey.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => {
    const code = control.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${code}`;
  });
}

/**
 * A run that could not end well through no defect of the program: it diverged, a notebook's cell failed.
 * Commands print its message as one line and leave with exit code 1.
 */
export class RunError extends Error {
  override readonly name: string = "RunError";
}

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Turns an operating system error into an InputError where the user can mend it.
 *
 * @param path The file or folder that was touched.
 * @returns The InputError, or the error unchanged where it is of another kind.
 */
export function explainFileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOENT":
      return new InputError(path, "no such file or folder");
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new InputError(
        path,
        "cannot be written or read (permission denied)",
        "Choose another folder with --out",
      );
    case "ENOSPC":
    case "EDQUOT":
      return new InputError(path, "no space left on the disk", "Free some space and run again");
    case "ENOTDIR":
      return new InputError(path, "a part of the path is not a folder");
    case "EEXIST":
      return new InputError(path, "a file stands where a folder is needed");
    case "ELOOP":
      return new InputError(path, "is a link that leads back to itself");
    case "EISDIR":
      return new InputError(path, "is a folder, not a file");
    default:
      return error;
  }
}
