// Yes, no or out of scope in one key, for the first card or the one in focus. Can be switched off (WCAG 2.1.4).
"use strict";

const on = document.getElementById("keys-on");
on.checked = localStorage.getItem("keys") !== "off";
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, select, input:not([type=checkbox])");
  if (!on.checked || writing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const card = document.activeElement.closest?.("#said .card") ?? document.querySelector("#said .card");
  [...(card?.querySelectorAll("button[data-key]") ?? [])].find((button) => button.dataset.key === event.key)?.click();
});
