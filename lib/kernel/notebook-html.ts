import { escapeHtml } from "../figures/markup";
import { writeFileAtomic } from "../storage/atomic-write";
import { markdownToHtml } from "./markdown-html";
import { readNotebook } from "./notebook-file";
import type { Cell, Notebook, Output } from "./notebook-file";

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --quiet: #555; --soft: #f5f5f5; --line: #ddd; --error: #fdd; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171a; --ink: #e9ebee; --quiet: #aab0b8; --soft: #1f2327; --line: #383d44; --error: #4a2020; }
}
body { max-width: 60em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: break-word; }
pre { margin: 0.3em 0; padding: 0.6em; overflow-x: auto; font: 13px/1.4 monospace; }
pre.source { background: var(--soft); border: 1px solid var(--line); }
pre.error { background: var(--error); }
blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--quiet); }
.output { overflow-x: auto; container-type: inline-size; }
table { border-collapse: collapse; } td, th { padding: 0.2em 0.6em; text-align: left; vertical-align: top; }
caption { position: sticky; left: 0; max-width: 100cqi; padding: 0.4em 0; text-align: left; color: var(--quiet); }
thead th { border-bottom: 1px solid var(--ink); } td, tbody th { border-bottom: 1px solid var(--line); } tbody th { font-weight: normal; }
img, svg { max-width: 100%; height: auto; } img { background: #fff; }
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
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(heading ?? "Notebook")}</title><style>${STYLE}</style></head>
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
      return `<div class="output">${withoutScripts(content)}</div>`;
  }
}

/** Scripts of an output need what the page does not load; the picture or table beside them does not. */
function withoutScripts(html: string): string {
  return html.replace(/<script\b[\s\S]*?<\/script\s*>/gi, "");
}
