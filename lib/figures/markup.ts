/** HTML that is safe to put into a page. Texts become markup only through `h`, which escapes them. */
export class Markup {
  constructor(readonly source: string) {}
}

export type Child = Markup | string | number | undefined;
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const WITHOUT_END = new Set(["br", "hr", "img", "meta", "link"]);

/**
 * An HTML element.
 *
 * @param attributes Escaped; `true` writes the name alone, `false` and undefined leave it out.
 * @param children Texts are escaped, markup is taken as it is, undefined is left out.
 */
export function h(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => (value === true ? ` ${key}` : ` ${key}="${escapeHtml(String(value))}"`))
    .join("");
  if (WITHOUT_END.has(name)) return new Markup(`<${name}${written}>`);
  return new Markup(`<${name}${written}>${join(children).source}</${name}>`);
}

/** Several pieces one after another. */
export function join(children: readonly Child[]): Markup {
  return new Markup(
    children
      .filter((child) => child !== undefined)
      .map((child) => (child instanceof Markup ? child.source : escapeHtml(String(child))))
      .join(""),
  );
}

/** Text with the signs that HTML reads made harmless, in element content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
