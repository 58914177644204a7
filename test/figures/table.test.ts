import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toDataFrame } from "../../lib/figures/data-frame";
import { digitsFor, Table } from "../../lib/figures/table";

const test = suite("Table");

const table = new Table({
  id: "example",
  caption: "A & B <of> 50 %",
  columns: [{ label: "name_1" }, { label: "Dice" }, { label: "n", digits: 0 }],
  rows: [
    ['a "quoted", name', { estimate: 0.8, low: 0.705, high: 0.9 }, 12],
    ["<script>", Number.NaN, null],
    ["one subject", { estimate: 0.5, low: 0.5, high: 0.5 }, 1],
    ["minus", -0.125, 3],
  ],
});

test("escapes every text in HTML, with caption and scopes", () => {
  const html = table.toHtml();
  assert.match(html, "<caption>A &amp; B &lt;of&gt; 50 %</caption>");
  assert.match(html, '<th scope="col" class="left">name_1</th>');
  assert.match(html, '<th scope="row" class="left">&lt;script&gt;</th>');
  assert.not.match(html, "<script>");
});

test("aligns its cells in a notebook, whose page has no style for it", () => {
  const html = String(table.mimeBundle()["text/html"]);
  assert.match(html, '<caption style="text-align: left">');
  assert.match(html, '<th scope="row" style="text-align: left">minus</th><td style="text-align: right">');
  assert.match(html, '0.80 <span style="white-space: nowrap; font-size: 85%">(0.70 to 0.90)</span>');
  assert.not.match(html, "class=");
});

test("the digits of a column show two of the smallest value, and never fewer than two or more than six", () => {
  assert.equal(
    [[0.0053, 0.012], [12.5, 3], [-0.00021, 4], [1e-9], [0, Number.NaN], []].map(digitsFor),
    [4, 2, 5, 6, 2, 2],
  );
});

test("shows missing values as a dash and an interval with two digits", () => {
  assert.match(table.toHtml(), '<td class="right">–</td><td class="right">–</td>');
  assert.match(table.toHtml(), '0.80 <span class="interval">(0.70 to 0.90)</span>');
  assert.match(table.toText(), /one subject {2,}0\.50 {2,}1$/m);
});

test("quotes CSV after RFC 4180, numbers unrounded, an interval as three columns", () => {
  assert.equal(table.toCsv().split("\r\n"), [
    "name_1,Dice,Dice low,Dice high,n",
    '"a ""quoted"", name",0.8,0.705,0.9,12',
    "<script>,,,,",
    "one subject,0.5,0.5,0.5,1",
    "minus,-0.125,,,3",
    "",
  ]);
});

test("escapes LaTeX and uses booktabs", () => {
  const latex = table.toLatex();
  assert.match(latex, "\\caption{A \\& B <of> 50 \\%}");
  assert.match(latex, "name\\_1 & Dice & n \\\\");
  assert.match(latex, "<script> & -- & -- \\\\");
  assert.match(latex, "$-$0.13");
  assert.match(latex, "\\begin{tabular}{lrr}\n  \\toprule");
});

test("refuses a row that does not fit the columns", () => {
  const columns = [{ label: "a" }, { label: "b" }];
  assert.throws(() => new Table({ id: "bad", caption: "", columns, rows: [["x"]] }), RangeError);
});

test("becomes a data frame of danfo.js", async () => {
  const frame = await toDataFrame(table);
  assert.equal(frame.columns, ["name_1", "Dice", "n"]);
  assert.equal(frame.shape, [4, 3]);
  assert.equal((frame.values as unknown[][])[0], ['a "quoted", name', 0.8, 12]);
});

test("a mean with its spread is written together, and apart in CSV; one training has no spread", () => {
  const table = new Table({
    id: "spread",
    caption: "Dice",
    columns: [{ label: "row" }, { label: "Dice", digits: 3 }],
    rows: [
      ["a", { count: 3, mean: 0.5, standardDeviation: 0.0125 }],
      ["b", { count: 1, mean: 0.25, standardDeviation: 0 }],
      ["c", null],
    ],
    ruled: [1],
    sources: [["cells/a/record.json"], [], []],
  });
  assert.match(table.toText(), "0.500 ± 0.013");
  assert.is(table.toCsv(), "row,Dice,Dice sd\r\na,0.5,0.0125\r\nb,0.25,\r\nc,,\r\n");
  assert.match(table.toLatex(), "0.500 $\\pm$ 0.013 \\\\\n  \\midrule\n  b & 0.250");
  assert.match(table.markup({ linkOf: (source) => `#${source}` }).source, 'href="#cells/a/record.json"');
  assert.not.match(table.toHtml(), "href");
});

test.run();
