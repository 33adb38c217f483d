// What the console does beyond its forms: it goes on working without this script.
"use strict";

// Whoever is told that something is wrong reads that first.
document.getElementById("trouble")?.focus();

// The talk of a case: what is new is added at its end, where it is read out, and nothing else moves.
const talk = document.getElementById("talk");
const PAUSE = 4000;

async function look() {
  if (document.hidden) return true;
  // A redirect leads to the page where one signs in: then there is nothing more to be seen here.
  const response = await fetch(talk.dataset.fetch, { redirect: "manual", cache: "no-store" });
  if (!response.ok) return response.status >= 500;
  const now = new DOMParser().parseFromString(await response.text(), "text/html");
  const entries = document.getElementById("entries");
  const wasAtEnd = entries.scrollHeight - entries.scrollTop - entries.clientHeight < 40;
  for (const entry of now.querySelectorAll("#entries > .entry")) {
    const known = document.getElementById(entry.id);
    if (!known) entries.append(document.adoptNode(entry));
    else replaceChanged(known.querySelector(".told"), entry.querySelector(".told"));
  }
  if (entries.querySelector(".entry")) entries.querySelector(".none")?.remove();
  replaceChanged(document.getElementById("stand"), now.getElementById("stand"));
  if (wasAtEnd) entries.scrollTop = entries.scrollHeight;
  return true;
}

function replaceChanged(old, made) {
  if (old && made && old.innerHTML !== made.innerHTML) old.replaceChildren(...made.childNodes);
}

async function keepLooking() {
  const goesOn = await look().catch(() => true);
  if (goesOn) setTimeout(keepLooking, PAUSE);
  else talk.append(Object.assign(document.createElement("p"), { className: "hint", role: "status", textContent: talk.dataset.lost }));
}

if (talk) {
  const entries = document.getElementById("entries");
  entries.scrollTop = entries.scrollHeight;
  setTimeout(keepLooking, PAUSE);
}
