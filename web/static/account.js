// The pages about an account work without this; it spares a parent some typing and waiting.
"use strict";

for (const note of document.querySelectorAll("[data-without-script]")) note.remove();

// One more group of fields, without losing what was typed into the others.
const adding = document.querySelector("[data-adds-student]");
adding?.addEventListener("click", (event) => {
  event.preventDefault();
  const waiting = document.querySelectorAll("fieldset.student[hidden]");
  if (!waiting.length) return;
  waiting[0].hidden = false;
  adding.form.elements.groups.value = waiting[0].id.split("_")[1];
  adding.parentElement.hidden = waiting.length === 1;
  waiting[0].querySelector("input").focus();
});

// A username that is free is taken over at a press.
for (const word of document.querySelectorAll("[data-fills]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = word.textContent;
  button.addEventListener("click", () => {
    const input = document.getElementById(word.dataset.fills);
    input.value = word.textContent;
    input.focus();
  });
  word.replaceWith(button);
}

// Some things take a moment, and say so.
for (const form of document.querySelectorAll("form[data-working]")) {
  const working = document.getElementById(form.dataset.working);
  form.addEventListener("submit", () => { working.hidden = false; });
  window.addEventListener("pageshow", () => { working.hidden = true; });
}
