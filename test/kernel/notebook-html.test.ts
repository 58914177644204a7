import { suite } from "uvu";
import * as assert from "uvu/assert";
import { markdownToHtml } from "../../lib/kernel/markdown-html";
import { notebookHtml } from "../../lib/kernel/notebook-html";

const test = suite("notebookHtml");

test("shows a picture, or a table, with the title of the notebook", () => {
  const page = notebookHtml({
    metadata: {},
    cells: [
      { cell_type: "markdown", id: "a", metadata: {}, source: "# A < B\n\ntext" },
      {
        cell_type: "code",
        id: "b",
        metadata: {},
        source: "a && b",
        execution_count: 1,
        outputs: [
          {
            output_type: "display_data",
            metadata: {},
            data: { "text/html": "<b>table</b><script>alert(1)</script>", "text/plain": "t" },
          },
          {
            output_type: "display_data",
            metadata: {},
            data: { "image/png": "aGk=", "text/plain": "figure" },
          },
          { output_type: "stream", name: "stdout", text: "1 < 2" },
        ],
      },
    ],
  });
  assert.match(page, "<title>A &lt; B</title>");
  assert.match(page, "<b>table</b>");
  assert.not.match(page, "<script");
  assert.match(page, '<img src="data:image/png;base64,aGk=" alt="figure">');
  assert.match(page, "a &amp;&amp; b");
  assert.match(page, "1 &lt; 2");
});

test("renders the Markdown of the notebooks", () => {
  assert.is(markdownToHtml("## Two *words*"), "<h2>Two <em>words</em></h2>");
  assert.is(markdownToHtml("> one\n>\n> two"), "<blockquote><p>one</p>\n<p>two</p></blockquote>");
  assert.is(markdownToHtml("- a\n- `b*c*`"), "<ul><li>a</li><li><code>b*c*</code></li></ul>");
  assert.is(
    markdownToHtml("[text](https://doi.org/10.1038/s41597) and **bold**"),
    '<p><a href="https://doi.org/10.1038/s41597">text</a> and <strong>bold</strong></p>',
  );
  assert.is(
    markdownToHtml("|a|b|\n|-|-|\n|1|2|"),
    "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
  );
  assert.is(markdownToHtml("<i>5 * 3</i>"), "<p>&lt;i&gt;5 * 3&lt;/i&gt;</p>");
  assert.not.match(markdownToHtml("[x](javascript:alert(1))"), "href");
});

test.run();
