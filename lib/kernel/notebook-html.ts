import { writeFileAtomic } from "../storage/atomic-write";
import { escapeHtml, markdownToHtml } from "./markdown-html";
import { readNotebook } from "./notebook-file";
import type { Cell, Notebook, Output } from "./notebook-file";

const STYLE = `
body { max-width: 60em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 sans-serif; color: #1a1a1a; }
pre { margin: 0.3em 0; padding: 0.6em; overflow-x: auto; font: 13px/1.4 monospace; }
pre.source { background: #f5f5f5; border: 1px solid #e0e0e0; }
pre.error { background: #fdd; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid #ccc; color: #444; }
table { border-collapse: collapse; } td, th { padding: 0.2em 0.6em; text-align: left; }
img, svg { max-width: 100%; height: auto; }
`;

/** Forms of an output from the richest that a page without scripts can show to plain text. */
const SHOWN_TYPES = ["image/svg+xml", "image/png", "image/jpeg", "text/html", "text/markdown", "text/plain"];

/**
 * Writes a notebook with its outputs as one HTML page beside it that loads nothing and runs no script.
 *
 * @returns The path of the page.
 * @throws InputError if the file is not a notebook.
 */
export function writeNotebookHtml(path: string): string {
  const page = path.replace(/\.ipynb$/, "") + ".html";
  writeFileAtomic(page, notebookHtml(readNotebook(path)));
  return page;
}

/** The page of a notebook; its title is the first heading. */
export function notebookHtml(notebook: Notebook): string {
  const heading = notebook.cells
    .map(({ source }) => /^# (.+)$/m.exec(source)?.[1])
    .find((title) => title !== undefined);
  const body = notebook.cells.map(cellHtml).join("\n");
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(heading ?? "Notebook")}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}

function cellHtml(cell: Cell): string {
  if (cell.cell_type === "markdown") return markdownToHtml(cell.source);
  const source = `<pre class="source">${escapeHtml(cell.source)}</pre>`;
  return cell.cell_type === "raw" ? source : `${source}\n${cell.outputs.map(outputHtml).join("\n")}`;
}

function outputHtml(output: Output): string {
  switch (output.output_type) {
    case "stream":
      return `<pre>${escapeHtml(output.text)}</pre>`;
    case "error":
      return `<pre class="error">${escapeHtml(output.traceback.join("\n"))}</pre>`;
    default:
      return bundleHtml(output.data);
  }
}

function bundleHtml(bundle: Readonly<Record<string, unknown>>): string {
  const type = SHOWN_TYPES.find((candidate) => typeof bundle[candidate] === "string");
  const content = type === undefined ? "" : String(bundle[type]);
  switch (type) {
    case undefined:
      return "";
    case "image/png":
    case "image/jpeg":
      return `<img src="data:${type};base64,${content.replaceAll("\n", "")}" alt="${escapeHtml(String(bundle["text/plain"] ?? ""))}">`;
    case "text/plain":
      return `<pre>${escapeHtml(content)}</pre>`;
    case "text/markdown":
      return markdownToHtml(content);
    default:
      return withoutScripts(content);
  }
}

/** Scripts of an output need what the page does not load; the picture or table beside them does not. */
function withoutScripts(html: string): string {
  return html.replace(/<script\b[\s\S]*?<\/script\s*>/gi, "");
}
