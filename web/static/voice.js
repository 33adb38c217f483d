// The chat's voice: it records what is asked aloud, and reads answers aloud for whoever wants that.
"use strict";

const [mic, aloud] = ["mic", "aloud"].map(byId);
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const LONGEST = 55000;

// --- Listening ---------------------------------------------------------------------------------------

let recorder = null;
let asking = false;

async function record() {
  // Pressed again while the browser still asks: one recording is enough, a second would be heard by nobody.
  if (asking) return;
  asking = true;
  hush();
  const stream = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
  asking = false;
  if (!stream) { tell(page.voiceDenied); return; }
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const pieces = [];
  const made = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32000 });
  const longest = setTimeout(() => made.stop(), LONGEST);
  made.ondataavailable = (event) => pieces.push(event.data);
  made.onstop = () => {
    clearTimeout(longest);
    stream.getTracks().forEach((track) => track.stop());
    recorder = null;
    showRecording(false);
    // A password is asked for meanwhile: what was recorded goes nowhere.
    if (secret.hidden) sendRecording(new Blob(pieces, { type: made.mimeType }));
  };
  recorder = made;
  made.start();
  showRecording(true);
}

function showRecording(on) {
  const label = on ? page.voiceSend : page.voiceSpeak;
  mic.setAttribute("aria-pressed", String(on));
  mic.setAttribute("aria-label", label);
  mic.title = label;
  tell(on ? page.voiceListening : "");
}

function sendRecording(recording) {
  const own = parentTurn(page.voiceSent);
  const id = newId();
  dropChoices(document);
  showTurn(own);
  busy(1);
  queue = queue.then(async () => {
    const answer = await deliverRecording(recording, id);
    busy(-1);
    tell(answer.error === "no_conversation" ? page.reload : answer.message);
    // What was heard takes its place, so that it can be corrected.
    if (answer.replies?.some((reply) => reply.custom?.heard)) own.remove();
    if (answer.replies) takeAnswer(answer.replies);
  });
}

const deliverRecording = (recording, id) => untilTaken(async () => {
  const address = `/chat/voice${query}${query ? "&" : "?"}language=${encodeURIComponent(page.language)}`;
  const headers = { "Content-Type": recording.type, "X-CSRF-Token": page.csrf, "X-Message-Id": id };
  const response = await fetch(address, { method: "POST", headers, body: recording });
  const answer = await response.json();
  // As with what is typed: somebody signed in beside this page.
  if (answer.error === "foreign_page") location.reload();
  return response.ok ? { replies: answer } : answer;
});

mic?.addEventListener("click", () => (recorder ? recorder.stop() : record()));

// --- Speaking ----------------------------------------------------------------------------------------

let player = null;
let playing = null;
let round = 0;

function hush() {
  round += 1;
  playing?.stop();
  playing = null;
}

async function piece(reply, number) {
  const language = reply.custom?.language || page.language;
  const response = await fetch(`/chat/speech${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf },
    body: JSON.stringify({ text: reply.text, language, piece: number }),
  }).catch(() => null);
  if (!response?.ok) return null;
  const count = Number(response.headers.get("X-Pieces"));
  return { count, sound: await player.decodeAudioData(await response.arrayBuffer()) };
}

function play(sound) {
  return new Promise((done) => {
    playing = player.createBufferSource();
    playing.buffer = sound;
    playing.connect(player.destination);
    playing.onended = done;
    playing.start();
    aloud.dataset.played = String(Number(aloud.dataset.played || 0) + 1);
  });
}

// The next piece is fetched while one is heard; whatever cannot be spoken stands there in writing.
async function speak(replies) {
  const mine = ++round;
  for (const reply of replies.filter((each) => each.text && !each.custom?.heard)) {
    let next = piece(reply, 0);
    for (let number = 0; ; number += 1) {
      const spoken = await next.catch(() => null);
      if (!spoken || mine !== round) break;
      const more = number + 1 < spoken.count;
      if (more) next = piece(reply, number + 1);
      await play(spoken.sound);
      if (!more) break;
    }
    if (mine !== round) return;
  }
}

function setAloud(on) {
  aloud.setAttribute("aria-pressed", String(on));
  if (on) player ??= new AudioContext();
  else hush();
}

// A browser lets a page sound only after it was pressed: each page begins in silence.
aloud?.addEventListener("click", () => setAloud(aloud.getAttribute("aria-pressed") !== "true"));
document.addEventListener("answered", (event) => {
  // "Read it to me", "stop talking": what was asked for in words does what the button does.
  const wish = event.detail.find((reply) => reply.custom?.aloud_here !== undefined);
  if (aloud && wish) setAloud(wish.custom.aloud_here);
  if (aloud?.getAttribute("aria-pressed") === "true") speak(event.detail);
});
