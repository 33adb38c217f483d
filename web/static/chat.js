// The chat page: it shows what was said, sends what is typed, and hands secrets straight to the portal.
"use strict";

const page = document.body.dataset;
const byId = (id) => document.getElementById(id);
const [view, earlier, log, typing, status] = ["view", "earlier", "log", "typing", "status"].map(byId);
const [composer, message, secret, fields, back] = ["composer", "message", "secret", "fields", "back"].map(byId);
const asked = { ...(page.district && { district: page.district }), ...(page.embedded && { embedded: "1" }) };
const query = Object.keys(asked).length ? `?${new URLSearchParams(asked)}` : "";
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// The code of a school's letter. It stands behind the # of the address, which no server and no log sees,
// and leaves the address at once: whoever goes back or shares the page does not use it up again.
let letter = new URLSearchParams(location.hash.slice(1)).get("start")?.slice(0, 64) || "";
if (letter) history.replaceState(null, "", location.pathname + location.search);

// --- Showing -----------------------------------------------------------------------------------------

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// Text stays text: only web addresses in it become links.
function fillWithText(target, text) {
  for (const part of text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/)) {
    target.append(/^https?:\/\//.test(part) ? link(part, part) : part);
  }
}

function link(address, text) {
  const made = element("a", "", text);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function line(speaker, text) {
  const made = element("div", "line");
  made.dir = "auto";
  made.append(element("span", "unseen", `${speaker} `));
  made.firstChild.lang = page.language;
  fillWithText(made, text);
  return made;
}

function parentTurn(text) {
  const turn = element("div", "turn parent");
  turn.append(line(page.youSaid, text));
  return turn;
}

// What was heard can be put right by typing it.
function heardTurn(text) {
  const turn = parentTurn(text);
  const correct = element("button", "plain correct", page.voiceCorrect);
  correct.type = "button";
  correct.addEventListener("click", () => { message.value = text; fit(); message.focus(); });
  turn.append(correct);
  return turn;
}

// How much news this page has shown: what a parent did on a page that a mail led to.
let newsShown = 0;

function assistantTurn(replies) {
  const turn = element("div", "turn assistant");
  for (const reply of replies) {
    const custom = reply.custom || {};
    if (custom.heard) continue;
    if (custom.news) newsShown += 1;
    if (custom.case) follow(custom.case);
    const shown = reply.text ? [line(page.assistantSaid, reply.text)] : [];
    if (leadsOn(reply.image)) shown.push(picture(reply.image, custom.image_alt));
    if (leadsOn(reply.attachment)) shown.push(download(reply.attachment, custom.attachment_title));
    if (reply.buttons) shown.push(choices(reply.buttons));
    if (custom.private) shown.forEach((each) => (each.dataset.private = ""));
    if (custom.language) shown.forEach((each) => (each.lang = custom.language));
    turn.append(...shown);
  }
  return turn;
}

// Nothing but an address of this server or of another one that is reached safely.
const leadsOn = (address) => Boolean(address) && /^(\/(?!\/)|https:\/\/)/.test(address);

// Pressed, a picture opens alone, where it can be made as large as one needs it.
function picture(address, told) {
  const made = link(address, "");
  made.className = "picture";
  const image = element("img");
  image.alt = told;
  image.loading = "lazy";
  image.addEventListener("load", () => made.closest(".turn") === log.lastElementChild && reveal(log.lastElementChild));
  image.addEventListener("error", () => withoutPicture(made, told));
  image.src = address;
  made.append(image, element("span", "unseen", page.opensLarge));
  return made;
}

// A picture that does not come leaves its words; whether the session is over is looked up at once.
function withoutPicture(made, told) {
  const words = line(page.assistantSaid, told);
  if ("private" in made.dataset) words.dataset.private = "";
  made.replaceWith(words);
  reconcile();
}

function download(address, title) {
  const made = element("div", "line file");
  made.dir = "auto";
  made.append(link(address, title));
  return made;
}

function choices(buttons) {
  const list = element("ul", "choices");
  list.setAttribute("aria-label", page.answers);
  for (const button of buttons) {
    const pressed = element("button", "", button.title);
    pressed.type = "button";
    pressed.addEventListener("click", (event) => {
      say(button.payload, { button: true }, button.title);
      // The button is gone now; whoever pressed it with a key goes on typing.
      if (!event.detail) message.focus({ preventScroll: true });
    });
    list.append(element("li"));
    list.lastChild.append(pressed);
  }
  return list;
}

function dropChoices(within) {
  within.querySelectorAll(".choices").forEach((old) => old.remove());
}

function showTurn(turn) {
  log.append(turn);
  reveal(turn);
}

// A long answer is read from its beginning.
function reveal(turn) {
  turn?.scrollIntoView({ block: turn.offsetHeight > view.clientHeight ? "start" : "end" });
}

function tell(text) {
  status.textContent = text || "";
  status.hidden = !text;
}

function takeAnswer(replies) {
  const heard = replies.find((reply) => reply.custom?.heard)?.custom.heard;
  if (heard) showTurn(heardTurn(heard));
  if (replies.length > (heard ? 1 : 0)) showTurn(assistantTurn(replies));
  document.dispatchEvent(new CustomEvent("answered", { detail: replies }));
  openSecret(replies.findLast((reply) => reply.custom?.secret)?.custom.secret);
  reconcile();
}

// --- Sending -----------------------------------------------------------------------------------------

let socket = null;
let waits = 1000;
const LONGEST_SILENCE = 20000;
const awaited = new Map();
let queue = Promise.resolve();
let unanswered = 0;

function connect() {
  const address = new URL(`/chat/ws${query}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(address);
  opened.onopen = () => { socket = opened; waits = 1000; };
  opened.onmessage = (event) => {
    const answer = JSON.parse(event.data);
    // Something happened elsewhere: a page that is not looked at asks when it is.
    if (answer.news) document.hidden || showNews();
    awaited.get(answer.id)?.done(answer);
  };
  opened.onclose = () => {
    if (socket === opened) socket = null;
    awaited.forEach((each) => each.failed(new Error("closed")));
    setTimeout(connect, waits * (0.75 + Math.random() / 2));
    waits = Math.min(waits * 2, 30000);
  };
}

// A line that broke without a word, as when a phone changes its network, looks open for many minutes.
async function overSocket(body) {
  const used = socket;
  const id = body.metadata.message_id;
  let silence;
  try {
    return await new Promise((done, failed) => {
      awaited.set(id, { done, failed });
      silence = setTimeout(() => failed(new Error("silent")), LONGEST_SILENCE);
      used.send(JSON.stringify(body));
    });
  } catch (error) {
    hangUp(used);
    throw error;
  } finally {
    clearTimeout(silence);
    awaited.delete(id);
  }
}

function hangUp(used) {
  if (socket === used) socket = null;
  used?.close();
}

addEventListener("offline", () => {
  awaited.forEach((each) => each.failed(new Error("offline")));
  hangUp(socket);
});

async function overHttp(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  renew(response.headers.get("X-CSRF-Token"));
  // Somebody signed in beside this page, which goes on under another cookie now: it is read anew.
  if (answer.error === "foreign_page") location.reload();
  return response.ok ? { replies: answer } : answer;
}

// Whoever signs in goes on under a new cookie; what was opened with the old one is of no use.
function renew(token) {
  if (!token) return;
  page.csrf = token;
  hangUp(socket);
}

// A message keeps its id when it is sent again, so the assistant answers it once.
async function untilTaken(send) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    try {
      const answer = await send();
      // A server that is busy has stored nothing.
      if (answer.error !== "busy") return answer;
    } catch { /* there is no line */ }
    tell(page.offline);
    await pause(wait);
  }
}

const deliver = (body) => untilTaken(async () => {
  try {
    const answer = socket && await overSocket(body);
    if (answer?.replies) return answer;
  } catch { /* the line broke: the same message goes the other way */ }
  return overHttp(`/chat/messages${query}`, body);
});

function busy(change) {
  unanswered += change;
  typing.hidden = unanswered === 0;
  if (unanswered) typing.scrollIntoView({ block: "end" });
}

function say(text, metadata = {}, shown = text) {
  const body = { message: text, metadata: { ...metadata, message_id: newId(), language: page.language } };
  const own = parentTurn(shown);
  const screened = pending && !metadata.button;
  dropChoices(document);
  if (shown) showTurn(own);
  busy(1);
  queue = queue.then(async () => {
    const answer = await deliver(body);
    busy(-1);
    tell(answer.error === "no_conversation" ? page.reload : answer.message);
    if (answer.replies) takeAnswer(answer.replies);
    if (screened) await dropUnkept(own, shown);
  });
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// --- Secrets -----------------------------------------------------------------------------------------

const autocomplete = (name) =>
  name === "username" ? "username"
    : name.startsWith("new_password") ? "new-password"
      : /^(current_)?password$/.test(name) ? "current-password" : "off";

let pending = null;

function openSecret(request) {
  pending = request || null;
  fields.replaceChildren(...(request ? request.fields.map(field) : []));
  secret.hidden = !request;
  composer.hidden = Boolean(request);
  back.hidden = true;
  message.placeholder = page.messageHint;
  if (request) fields.querySelector("input").focus({ preventScroll: true });
  reveal(log.lastElementChild || earlier.lastElementChild);
}

function field({ name, label }) {
  const made = byId("field").content.cloneNode(true);
  const [input, button, text] = ["input", "button", "label"].map((part) => made.querySelector(part));
  input.id = text.htmlFor = `secret-${name}`;
  input.name = name;
  input.autocomplete = autocomplete(name);
  text.textContent = label;
  if (name === "username") {
    input.type = "text";
    button.remove();
    return made;
  }
  input.type = "password";
  const mask = (masked) => {
    input.type = masked ? "password" : "text";
    button.textContent = masked ? page.show : page.hide;
    button.setAttribute("aria-pressed", String(!masked));
  };
  button.setAttribute("aria-label", page.showWhat.replace("{label}", label));
  button.addEventListener("click", () => { mask(input.type === "text"); input.focus(); });
  mask(true);
  return made;
}

// What was typed is read once, and its fields are emptied and gone before it is sent.
function takeValues() {
  const inputs = [...fields.querySelectorAll("input")];
  const values = Object.fromEntries(inputs.map((input) => [input.name, input.value]));
  inputs.forEach((input) => { input.type = "password"; input.value = ""; });
  return values;
}

// A question in between: the field waits, and what is typed is checked before it is kept anywhere.
function askInstead() {
  takeValues();
  secret.hidden = true;
  composer.hidden = back.hidden = false;
  message.placeholder = page.askHint;
  message.focus({ preventScroll: true });
}

// The assistant deletes what could be a password; then it leaves this page too.
async function dropUnkept(turn, text) {
  const entries = await readHistory().catch(() => null);
  if (entries && !entries.some((entry) => entry.author === "parent" && entry.text === text)) turn.remove();
}

secret.addEventListener("submit", async (event) => {
  event.preventDefault();
  const request = pending;
  const values = takeValues();
  dropChoices(document);
  openSecret(null);
  composer.hidden = true;
  busy(1);
  const answer = await overHttp(request.url, { values }).catch(() => null);
  busy(-1);
  composer.hidden = false;
  message.focus({ preventScroll: true });
  tell(answer ? answer.message : page.unsure);
  if (answer?.replies) takeAnswer(answer.replies);
  else if (answer?.error === "busy" || answer?.error === "bad_characters") openSecret(request);
  else await showHistory();
});

byId("ask").addEventListener("click", askInstead);
back.addEventListener("click", () => openSecret(pending));
byId("cancel").addEventListener("click", () => {
  takeValues();
  openSecret(null);
  message.focus({ preventScroll: true });
  say(page.cancelSays);
});

// --- History -----------------------------------------------------------------------------------------

async function readHistory() {
  const response = await fetch(`/chat/history${query}`);
  // What was heard stands there as the parent's own line already.
  return response.ok ? (await response.json()).entries.filter((entry) => !entry.reply?.custom?.heard) : null;
}

// Lines of earlier stand outside the live region: a reload does not read them out again.
async function showHistory() {
  const entries = await readHistory().catch(() => null);
  if (!entries) return;
  const turns = [];
  newsShown = 0;
  for (const entry of entries) {
    turns.push(entry.author === "parent" ? parentTurn(entry.text) : assistantTurn([entry.reply]));
  }
  earlier.replaceChildren(...turns);
  log.replaceChildren();
  // Only the newest turn still waits for an answer: its buttons and its masked field stay.
  const newest = (entry) => entry.at === entries.at(-1).at;
  turns.forEach((turn, index) => newest(entries[index]) || dropChoices(turn));
  openSecret(entries.filter(newest).findLast((entry) => entry.reply?.custom?.secret)?.reply.custom.secret);
  if (letter) say("", { opened: true, start: letter }, "");
  else if (!entries.length) say("", { opened: true }, "");
  letter = "";
}

// Whoever comes back from the page of a mail hears here what was done there.
async function showNews() {
  const entries = await readHistory().catch(() => null);
  // An answer on its way brings its news along.
  if (!entries || unanswered) return;
  const places = entries.flatMap((entry, index) => (entry.reply?.custom?.news ? [index] : []));
  if (places.length <= newsShown) return;
  const replies = entries.slice(places[newsShown]).flatMap((entry) => (entry.reply ? [entry.reply] : []));
  dropChoices(document);
  takeAnswer(replies);
}

// Staff may answer at any time: a page that is looked at asks often while they are there, now and then
// while a case waits, and not at all otherwise.
const LOOKS = { live: 4000, waits: 20000 };
let following = 0;

function follow(how) {
  clearInterval(following);
  if (LOOKS[how]) following = setInterval(() => document.hidden || showNews(), LOOKS[how]);
}

// When the session is over, what came from a child's records leaves this page too.
async function reconcile() {
  if (!document.querySelector("[data-private]")) return;
  const entries = await readHistory().catch(() => null);
  if (!entries || entries.some((entry) => entry.reply?.custom?.private)) return;
  const gone = document.querySelectorAll("[data-private]");
  gone.forEach((each) => each.remove());
  document.querySelectorAll(".turn:empty").forEach((each) => each.remove());
  if (gone.length) log.append(element("p", "note", page.signedOutNote));
}

// --- Start -------------------------------------------------------------------------------------------

function send() {
  const text = message.value.replaceAll("\0", "").toWellFormed().trim();
  message.value = "";
  fit();
  if (text) say(text);
}

function fit() {
  if (!CSS.supports("field-sizing", "content")) message.rows = Math.min(message.value.split("\n").length, 5);
}

message.addEventListener("input", fit);

composer.addEventListener("submit", (event) => { event.preventDefault(); send(); });
message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
document.addEventListener("visibilitychange", () => document.hidden || showNews().then(reconcile));
window.addEventListener("focus", showNews);
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
setInterval(reconcile, 30000);
byId("no-script").remove();
showHistory().finally(() => {
  composer.hidden = !secret.hidden;
  if (!composer.hidden && matchMedia("(pointer: fine)").matches) message.focus({ preventScroll: true });
  connect();
});
