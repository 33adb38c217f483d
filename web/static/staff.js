// Lets staff use passkeys, and takes the token of an invitation out of its link. All else works without it.
"use strict";

for (const note of document.querySelectorAll("[data-without-script]")) note.remove();

// The link carries its token where no server and no history sees it; it moves into its field.
const token = document.getElementById("token");
if (token && /^#[\w-]{43}$/.test(location.hash)) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (each) => ({ ...each, id: bytes(each.id) });

// What the server writes in base64url, the browser takes as bytes; and back.
function readable(options) {
  const made = { ...options, challenge: bytes(options.challenge) };
  if (made.user) made.user = named(made.user);
  for (const list of ["allowCredentials", "excludeCredentials"]) if (made[list]) made[list] = made[list].map(named);
  return made;
}

function writable(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function ask(form) {
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("refused");
  const options = await answer.json();
  const publicKey = readable(options);
  const made = await (form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey }));
  form.elements.challenge.value = options.challenge;
  form.elements.credential.value = writable(made);
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const failed = form.querySelector("[data-failed]");
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    // Whoever closes the browser's question, or has no passkey here, may try again or take another way.
    await ask(form).then(() => form.submit(), () => { failed.hidden = false; });
    button.disabled = false;
  });
}
