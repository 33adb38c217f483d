// The public pages work without this; it makes them a little kinder.
"use strict";

const words = document.body.dataset;

// A masked field can be looked at; it is masked again before it is sent.
for (const button of document.querySelectorAll("[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const mask = (masked) => {
    input.type = masked ? "password" : "text";
    button.textContent = masked ? words.show : words.hide;
    button.setAttribute("aria-pressed", String(!masked));
  };
  button.hidden = false;
  button.addEventListener("click", () => { mask(input.type === "text"); input.focus(); });
  input.form.addEventListener("submit", () => mask(true));
}

// One press is one request, unless the answer is a file and the page stays.
for (const form of document.querySelectorAll("form[method=post]:not([data-stays])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Only one drawer of the toolbar is open; Escape or a press beside it closes it.
const drawers = document.querySelectorAll("details:has(> .drawer)");
const close = (kept) => { for (const each of drawers) if (each !== kept) each.open = false; };
document.addEventListener("click", (event) => close(event.target.closest("details")));
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && [...drawers].find((each) => each.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// Where no file is made to print, the browser prints what is shown.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A mail's link carries its token where no server and no history sees it; it moves into its field.
const token = document.getElementById("token");
if (token && /^#[\w-]{43}$/.test(location.hash)) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
}

// When time has run out, the page says so and takes what it showed away. Asking is nobody's activity.
const timeout = document.getElementById("timeout");
if (timeout) {
  const ask = async () => {
    const answer = await fetch(timeout.dataset.asks, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok && !(await answer.json()).live) {
      for (const part of document.querySelectorAll("#main, [data-private]")) part.replaceChildren();
      timeout.showModal();
    } else setTimeout(ask, 30000);
  };
  setTimeout(ask, timeout.dataset.minutes * 60000);
  timeout.addEventListener("cancel", (event) => event.preventDefault());
}

document.getElementById("trouble")?.focus();
