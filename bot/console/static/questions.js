// The list of questions by keyboard. Single letters can be switched off (WCAG 2.1.4): people who dictate need that.
"use strict";

const on = document.getElementById("keys-on");
on.checked = localStorage.getItem("keys") !== "off";
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

const links = () => [...document.querySelectorAll("#groups a.question")];
const here = () => document.activeElement.closest?.("#groups .card");

function move(step) {
  const all = links();
  const now = all.indexOf(here()?.querySelector("a.question"));
  all[Math.min(all.length - 1, Math.max(0, now < 0 ? 0 : now + step))]?.focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  x: () => here()?.querySelector("input.tick").click(),
  e: () => { const link = here()?.querySelector("a.question"); if (link) location.assign(`${link.href}#answer`); },
  r: () => {
    const form = document.getElementById("bulk");
    if (!form.querySelector("input.tick:checked")) here()?.querySelector("input.tick:enabled")?.click();
    if (form.querySelector("input.tick:checked")) form.requestSubmit();
  },
  "/": () => document.getElementById("f-mots").focus(),
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, select, input:not([type=checkbox])");
  if (!on.checked || writing || event.ctrlKey || event.altKey || event.metaKey || !acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
});

// What is chosen stays chosen when the list asks for itself again.
let chosen = [];
document.body.addEventListener("htmx:beforeSwap", () => {
  chosen = [...document.querySelectorAll("#groups input.tick:checked")].map((tick) => tick.id);
});
document.body.addEventListener("htmx:afterSettle", () => {
  for (const id of chosen) {
    const tick = document.getElementById(id);
    if (tick) tick.checked = true;
  }
});
