// Small helps; every page also works without them, but for the Mini App.
"use strict";

const body = document.body;

// Something changed somewhere: the parts of the page that show it ask for themselves again (hx-trigger).
if (body.dataset.live) {
  const events = new EventSource(body.dataset.live);
  const changed = () => body.dispatchEvent(new CustomEvent("console:changed"));
  events.addEventListener("changed", changed);
  events.addEventListener("open", changed); // what changed while nobody listened
}

// Telegram gives a Mini App what it has signed behind the # of the address; nothing else of its script is needed.
const miniApp = document.querySelector("form[data-mini-app]");
if (miniApp) {
  const signed = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  if (signed) {
    history.replaceState(null, "", location.pathname);
    miniApp.elements.init_data.value = signed;
    miniApp.submit();
  }
}

// A double click sends once. The server holds to that, too.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// Back from another page, as the browser kept this one: it can be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// What is being written survives a page loaded again, in this tab only, until it is sent.
for (const field of document.querySelectorAll("textarea[data-draft]")) {
  const name = `draft:${field.dataset.draft}`;
  if (!field.value) field.value = sessionStorage.getItem(name) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(name, field.value));
  field.form.addEventListener("submit", () => sessionStorage.removeItem(name));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.form.requestSubmit();
  });
}
