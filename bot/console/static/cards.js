// Cards decided on by one key each, for the card in focus, else the first. Can be switched off (WCAG 2.1.4).
"use strict";

const on = document.getElementById("keys-on");
on.checked = localStorage.getItem("keys") !== "off";
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

const cards = [...document.querySelectorAll("[data-keys] .card")];
const here = () => cards.find((card) => card.contains(document.activeElement));

function move(step) {
  const next = cards[Math.min(cards.length - 1, Math.max(0, here() ? cards.indexOf(here()) + step : 0))];
  next?.querySelector("[data-key]").focus();
}

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, select, input:not([type=checkbox])");
  if (!on.checked || writing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j" || event.key === "k") return move(event.key === "j" ? 1 : -1);
  const pressed = (within) => [...(within?.querySelectorAll("[data-key]") ?? [])].find((each) => each.dataset.key === event.key);
  const meant = pressed(here() ?? cards[0]) ?? [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key && !each.closest(".card"));
  if (!meant) return;
  event.preventDefault();
  meant.click();
  meant.closest("details")?.querySelector("select")?.focus();
});
