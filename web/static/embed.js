// Puts the chat into a page of another site: a button, and a frame that opens above it. `/embed.js` serves
// this after a line that says what the chat is called and where it is, and both as one function.
{
  if (document.getElementById("hallpass-chat")) return;

  // Every style is set by script: a site with a strict policy of its own forbids style in a page's text.
  function style(target, styles) {
    for (const [name, value] of Object.entries(styles)) target.style.setProperty(name, value);
  }

  const button = document.createElement("button");
  button.type = "button";
  button.id = "hallpass-button";
  button.textContent = hallpass.label;
  button.lang = hallpass.language;
  button.dir = hallpass.direction;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "hallpass-chat");
  style(button, {
    "position": "fixed", "inset-block-end": "1rem", "inset-inline-end": "1rem", "z-index": "2147483000",
    "min-height": "44px", "max-width": "calc(100vw - 2rem)", "padding": ".625rem 1.125rem", "border": "2px solid #fff",
    "border-radius": "1.5rem", "background": "#1b5a87", "color": "#fff", "font": "600 1rem/1.3 system-ui, sans-serif",
    "cursor": "pointer",
  });

  const box = document.createElement("div");
  box.id = "hallpass-chat";
  box.hidden = true;
  style(box, {
    "position": "fixed", "inset-block-end": "4.75rem", "inset-inline-end": "1rem", "z-index": "2147483000",
    "width": "min(24rem, calc(100vw - 2rem))", "height": "min(40rem, calc(100vh - 6rem))",
  });

  // Made at the first press: whoever never opens the chat asks our server for nothing more.
  function open() {
    if (box.firstChild) return;
    const frame = document.createElement("iframe");
    frame.src = hallpass.chat;
    frame.title = hallpass.label;
    // Its page may ask for the microphone, as it may on its own.
    frame.allow = "microphone";
    style(frame, {
      "width": "100%", "height": "100%", "border": "1px solid #8a98a5", "border-radius": ".75rem", "background": "#fff",
    });
    box.append(frame);
  }

  function turn(shown) {
    if (shown) open();
    box.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    (shown ? box.firstChild : button).focus();
  }

  button.addEventListener("click", () => turn(box.hidden));
  document.addEventListener("keydown", (event) => event.key === "Escape" && !box.hidden && turn(false));
  // The button comes first: the frame is what the next press of the tabulator reaches.
  const put = () => document.body.append(button, box);
  if (document.body) put();
  else document.addEventListener("DOMContentLoaded", put);
}
