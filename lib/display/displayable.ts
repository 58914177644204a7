/** A result that notebooks can show: a figure, a table, a picture. */
export interface Displayable {
  /**
   * The result in each form that it has, by MIME type: text and base64 as strings, JSON types as objects. A
   * front end shows the richest form that it knows, so that `text/plain` should always be among them.
   */
  mimeBundle(): Promise<MimeBundle> | MimeBundle;
}

export type MimeBundle = Readonly<Record<string, unknown>>;

export function isDisplayable(value: unknown): value is Displayable {
  return (
    typeof value === "object" &&
    value !== null &&
    "mimeBundle" in value &&
    typeof value.mimeBundle === "function"
  );
}
