import { escapeHtml } from "../figures/markup";

/**
 * HTML of the Markdown that notebooks use: headings, paragraphs, blockquotes, lists, tables, fenced code,
 * `code`, **bold**, *emphasis* and [links](...). Everything else shows as it is written; HTML is escaped.
 */
export function markdownToHtml(markdown: string): string {
  return splitBlocks(markdown).map(blockHtml).join("\n");
}

/** Blocks are set apart by empty lines, which a fence may hold too. */
function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fenced = false;
  for (const line of markdown.split("\n")) {
    const isHeading = /^#{1,6} /.test(line) && !fenced;
    if (isHeading || (line.trim() === "" && !fenced)) {
      if (block.length > 0) blocks.push(block.join("\n"));
      block = [];
      if (isHeading) blocks.push(line);
      continue;
    }
    if (line.startsWith("```")) fenced = !fenced;
    block.push(line);
  }
  if (block.length > 0) blocks.push(block.join("\n"));
  return blocks;
}

function blockHtml(block: string): string {
  const lines = block.split("\n");
  const heading = /^(#{1,6}) (.*)$/.exec(block);
  if (heading)
    return `<h${heading[1]?.length ?? 1}>${inlineHtml(heading[2] ?? "")}</h${heading[1]?.length ?? 1}>`;
  if (block.startsWith("```")) return `<pre>${escapeHtml(lines.slice(1, -1).join("\n"))}</pre>`;
  if (lines.every((line) => line.startsWith(">")))
    return `<blockquote>${markdownToHtml(lines.map((line) => line.replace(/^> ?/, "")).join("\n"))}</blockquote>`;
  if (lines.every((line) => line.startsWith("|"))) return tableHtml(lines);
  if (/^([-*]|\d+\.) /.test(block)) return listHtml(lines);
  return `<p>${inlineHtml(lines.join(" "))}</p>`;
}

function listHtml(lines: readonly string[]): string {
  const tag = /^\d/.test(lines[0] ?? "") ? "ol" : "ul";
  const items = lines.reduce<string[]>((all, line) => {
    const item = /^(?:[-*]|\d+\.) (.*)$/.exec(line);
    if (item) return [...all, item[1] ?? ""];
    return [...all.slice(0, -1), `${all.at(-1) ?? ""} ${line.trim()}`];
  }, []);
  return `<${tag}>${items.map((item) => `<li>${inlineHtml(item)}</li>`).join("")}</${tag}>`;
}

function tableHtml(lines: readonly string[]): string {
  const rows = lines
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) => line.replace(/^\||\|$/g, "").split("|"));
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${inlineHtml(cell.trim())}</${tag}>`).join("")}</tr>`;
  const [head = [], ...body] = rows;
  return `<table>${row(head, "th")}${body.map((cells) => row(cells, "td")).join("")}</table>`;
}

/** Code is taken out first, so that marks within it stay as they are. */
function inlineHtml(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`.+`$/.test(part) ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : marksHtml(part)))
    .join("");
}

function marksHtml(text: string): string {
  return escapeHtml(text)
    .replace(
      /\[([^\]]+)\]\(((?:https?:\/\/|#|\.{0,2}\/)?[^\s():]+(?:\([^\s()]*\))?[^\s():]*)\)/g,
      '<a href="$2">$1</a>',
    )
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/(^|[\s(])\*([^*\s][^*]*)\*/g, "$1<em>$2</em>");
}
