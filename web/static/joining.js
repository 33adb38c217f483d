// The masked page of a chat in Telegram. Inside Telegram the page proves by itself whose it is; in a
// browser it works without this, which only spares a press while the digits are typed.
"use strict";

const place = document.getElementById("joining");
const path = place.dataset.path;
const told = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
const form = "application/x-www-form-urlencoded";

// What Telegram's own script would do, without a script of somebody else's on this page.
function tell(event) {
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(event, "{}");
  else if (window.parent !== window) {
    const message = JSON.stringify({ eventType: event, eventData: {} });
    window.parent.postMessage(message, "https://web.telegram.org");
  } else if (window.external && "notify" in window.external) {
    window.external.notify(JSON.stringify({ eventType: event, eventData: {} }));
  }
}

function fail() {
  const content = document.querySelector("main");
  content.hidden = false;
  content.replaceChildren(document.getElementById("failed").content.cloneNode(true));
  content.querySelector("h1").focus();
}

// Only the content of a page of ours is taken over; what it holds of a secret is sent and forgotten.
async function show(answer) {
  if (!answer.ok && !(answer.headers.get("content-type") || "").startsWith("text/html")) return fail();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.querySelector("main");
  if (!content) return fail();
  document.title = page.title;
  document.querySelector("main").replaceWith(content);
  const asked = content.querySelector("form[data-proof]");
  asked?.addEventListener("submit", send);
  // Whoever may only try again may leave as well.
  if (!content.querySelector("input")) {
    content.append(document.getElementById("leave").content.cloneNode(true));
    content.lastElementChild.querySelector("button").addEventListener("click", () => tell("web_app_close"));
  }
  const heading = content.querySelector("h1");
  heading.tabIndex = -1;
  (content.querySelector(".answer") ? heading : content.querySelector("input") || heading).focus();
}

async function send(event) {
  event.preventDefault();
  const asked = event.currentTarget;
  const button = asked.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  const headers = { "Content-Type": form, "Accept": "text/html", "X-Page-Proof": asked.dataset.proof };
  const body = new URLSearchParams(new FormData(asked)).toString();
  try {
    const answer = await fetch(asked.getAttribute("action"), { method: "POST", headers, body });
    // Too much at once: nothing was sent on, and the same may be sent again.
    if (answer.status === 503) button.disabled = false;
    else await show(answer);
  } catch {
    fail();
  }
}

async function open() {
  // Here nobody has to type digits. The proof serves once; it is not left standing in the address.
  place.hidden = true;
  history.replaceState(null, "", path);
  const headers = { "Content-Type": "application/json" };
  const proved = await fetch(`${path}/app`, { method: "POST", headers, body: JSON.stringify({ init_data: told }) });
  if (!proved.ok) return fail();
  const { proof } = await proved.json();
  await show(await fetch(path, { headers: { "Accept": "text/html", "X-Page-Proof": proof } }));
}

async function ask() {
  const answer = await fetch(`${path}/code`, { headers: { "Accept": "application/json" } });
  if (answer.ok && !(await answer.json()).joined) setTimeout(() => ask().catch(() => {}), 2000);
  else location.assign(path);
}

tell("web_app_ready");
if (told) open().catch(fail);
else if ("waits" in place.dataset) setTimeout(() => ask().catch(() => {}), 2000);
