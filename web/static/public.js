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

// One press is one request.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A mail's link carries its token where no server and no history sees it; it moves into its field.
const token = document.getElementById("token");
if (token && location.hash.length > 1) {
  token.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}

document.getElementById("trouble")?.focus();
