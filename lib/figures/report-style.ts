/** The report's style sheet: light and dark, narrow screens, print. System fonts; nothing is fetched. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1d20; --quiet: #565b62; --line: #d9dce0; --soft: #f4f5f7;
  --link: #0b57a4; --notice: #fff4e0; --notice-line: #b86200;
  --good: #0b6b3a; --part: #865300; --bad: #a4231c; --open: #565b62;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --ink: #e9ebee; --quiet: #aab0b8; --line: #383d44; --soft: #1f2327;
    --link: #8ec2ff; --notice: #33260f; --notice-line: #f0a33c;
    --good: #74d6a0; --part: #f2bd62; --bad: #ff9f95; --open: #aab0b8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 52rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Arimo, Arial, "Liberation Sans", sans-serif;
  overflow-wrap: break-word;
}
a { color: var(--link); text-underline-offset: 0.15em; }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.25rem 0.5rem; }
h1 { font-size: 1.85rem; line-height: 1.2; margin: 0 0 0.4rem; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 0.75rem; padding-top: 0.9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; line-height: 1.35; margin: 1.75rem 0 0.5rem; }
.subtitle { color: var(--quiet); margin: 0; font-size: 1.05rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; list-style: none; margin: 1rem 0 0; padding: 0; font-size: 0.92rem; }
#result h2 { border-top: 0; padding-top: 0; margin-top: 1.75rem; }
.lead { font-size: 1.22rem; line-height: 1.45; margin: 0 0 1.25rem; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: 0.75rem; margin: 0 0 1.25rem; }
.numbers div { background: var(--soft); border-radius: 0.5rem; padding: 0.7rem 0.9rem 0.8rem; }
.numbers dt { font-size: 0.86rem; color: var(--quiet); line-height: 1.3; }
.numbers dd { margin: 0.15rem 0 0; }
.numbers strong { display: block; font-size: 1.75rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.numbers span { display: block; line-height: 1.35; font-size: 0.84rem; color: var(--quiet); }
.notice { background: var(--notice); border-left: 4px solid var(--notice-line); border-radius: 0.25rem; padding: 0.6rem 0.9rem; margin: 0; }
.claim { margin: 1.5rem 0; padding: 0.2rem 0 0.4rem; border-bottom: 1px solid var(--line); }
.claim h3 { margin: 0.4rem 0; font-size: 1.08rem; }
.why { margin: 0.3rem 0 0.6rem; }
.verdict { border: 1.5px solid; border-radius: 1rem; padding: 0.08rem 0.65rem; font-size: 0.9rem; white-space: nowrap; }
.verdict.good { color: var(--good); } .verdict.part { color: var(--part); }
.verdict.bad { color: var(--bad); } .verdict.open { color: var(--open); }
.about { margin: 0.4rem 0 0.8rem; font-size: 0.92rem; }
.about div { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0.75rem; margin: 0.25rem 0; }
.about dt { color: var(--quiet); } .about dd { margin: 0; }
.sources { font-size: 0.78em; margin-left: 0.5em; display: inline-flex; flex-wrap: wrap; gap: 0.1em 0.45em; vertical-align: baseline; }
.sources a { min-width: 1.1em; text-align: center; }
.records details { border-bottom: 1px solid var(--line); padding: 0.3rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
pre { font: 0.82rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; background: var(--soft); padding: 0.6rem 0.8rem; border-radius: 0.4rem; max-height: 22rem; overflow: auto; }
button { font: inherit; color: var(--link); background: none; border: 1px solid var(--line); border-radius: 0.3rem; padding: 0.05rem 0.5rem; cursor: pointer; }
button:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
figure { margin: 1.5rem 0 2.25rem; }
figure h3 { margin-top: 0; }
.paper { background: #ffffff; border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.75rem; overflow-x: auto; }
.paper > svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { margin-top: 0.6rem; font-size: 0.92rem; color: var(--quiet); }
.downloads { font-size: 0.88rem; margin: 0.4rem 0 0; color: var(--quiet); }
.table { margin: 1rem 0 1.75rem; }
.scroll { overflow-x: auto; container-type: inline-size; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: 0.92rem; color: var(--quiet); padding-bottom: 0.5rem; position: sticky; left: 0; max-width: 100cqi; }
th, td { padding: 0.4rem 0.7rem; vertical-align: top; text-align: left; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--ink); vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 2px solid var(--ink); }
tbody tr.ruled > * { border-top: 2px solid var(--quiet); }
.claim th[scope="row"] { min-width: 9rem; }
tbody th { font-weight: 500; }
th.right, td.right { text-align: right; }
.interval { display: block; font-size: 0.84em; color: var(--quiet); white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.7rem 1.5rem; margin: 0.5rem 0 1rem; }
.facts dt { font-size: 0.86rem; color: var(--quiet); }
.facts dd { margin: 0; }
.hashes { list-style: none; padding: 0; font-size: 0.9rem; }
.hashes li { margin: 0.3rem 0; }
code { font: 0.86em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
li { margin: 0.3rem 0; }
footer { margin-top: 3rem; padding-top: 0.9rem; border-top: 1px solid var(--line); font-size: 0.9rem; color: var(--quiet); }
@media (max-width: 34rem) {
  body { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.5rem; }
  .lead { font-size: 1.1rem; }
  .paper { padding: 0.35rem; margin: 0 -0.5rem; }
  .paper > svg.wide { max-width: none; min-width: 32rem; }
  th, td { padding: 0.35rem 0.5rem; }
  .about div { grid-template-columns: 1fr; gap: 0; }
}
@media print {
  :root { --paper: #ffffff; --ink: #000000; --quiet: #444444; --line: #bbbbbb; --soft: #f4f5f7; --link: #000000; --notice: #ffffff;
    --good: #0b6b3a; --part: #865300; --bad: #a4231c; --open: #444444; }
  @page { size: A4; margin: 17mm 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .downloads, .skip, .sources { display: none; }
  .claim table th:last-child, .claim table td:last-child { display: none; }
  tr { break-inside: avoid; }
  h2, h3, .why { break-after: avoid; }
  figure, .table, .numbers div, .notice { break-inside: avoid; }
  .paper { border: 0; padding: 0; }
  .paper > svg { max-height: 225mm; }
  .numbers { grid-template-columns: repeat(4, 1fr); }
  .numbers div { border: 1px solid var(--line); }
  .scroll { overflow: visible; container-type: normal; }
  a { text-decoration: none; }
}
`;
