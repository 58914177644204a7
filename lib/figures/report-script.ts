import { createHash } from "node:crypto";
import { plotlySource } from "./figure-page";
import { join, Markup } from "./markup";

/** Puts an interactive figure in the place of its drawing, and opens the record that a link points at. */
const SCRIPT = `
const show = (id, interactive) => {
  const paper = document.querySelector("#figure-" + id + " .paper");
  const old = paper.querySelector(".plot");
  if (old) { Plotly.purge(old); old.remove(); }
  paper.querySelector(":scope > svg").style.display = interactive ? "none" : "";
  document.querySelector('button[data-figure="' + id + '"]').textContent = interactive ? "as a drawing" : "interactive";
  if (!interactive) return;
  const { data, layout } = JSON.parse(document.getElementById("data-" + id).textContent);
  const plot = paper.appendChild(document.createElement("div"));
  plot.className = "plot";
  Plotly.newPlot(plot, data, layout, { displaylogo: false, displayModeBar: true });
};
const buttons = [...document.querySelectorAll("button[data-figure]")];
for (const button of buttons)
  button.addEventListener("click", () => show(button.dataset.figure, button.textContent === "interactive"));
addEventListener("beforeprint", () => { for (const button of buttons) show(button.dataset.figure, false); });
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const record = target && target.closest("details");
  if (!record) return;
  record.open = true;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
};
addEventListener("hashchange", reveal);
reveal();
`;

/** The scripts of an interactive report, and what its security policy must say to let these two run and no other. */
export function reportScripts(): { readonly markup: Markup; readonly policy: string } {
  const scripts = [plotlySource(), SCRIPT];
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return {
    markup: join(scripts.map((text) => new Markup(`<script>${text}</script>`))),
    policy: `; script-src ${hashes.join(" ")}`,
  };
}
