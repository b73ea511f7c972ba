// Follows the files: when the server says that they changed, takes the new parts of this page into the old one, so
// that scroll positions, open lists and the newsletter stay as they are. Frames are only told to load again.
"use strict";
(() => {
  const root = document.documentElement;
  const state = document.getElementById("state");
  const say = (kind, words) => { state.className = "state " + kind; state.textContent = words; };

  const replace = (part, next) => {
    const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.dataset.key));
    const top = part.scrollTop;
    part.replaceWith(next);
    next.scrollTop = top;
    for (const one of next.querySelectorAll("details")) one.open = open.has(one.dataset.key);
  };

  const frames = (page) => [...page.querySelectorAll("iframe")];

  const refresh = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (frames(fresh).length !== frames(document).length) { location.reload(); return; }
    for (const part of document.querySelectorAll("[data-part]:not([data-part=panes])")) {
      const next = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (next) replace(part, document.adoptNode(next));
    }
    for (const frame of frames(document)) {
      const next = fresh.getElementById(frame.id);
      frame.height = next.height;
      frame.title = next.title;
      if (frame.getAttribute("src") !== next.getAttribute("src")) frame.src = next.getAttribute("src");
    }
    document.title = fresh.title;
    root.dataset.version = fresh.documentElement.dataset.version;
    say("live", "updated " + new Date().toLocaleTimeString());
  };

  let turn = Promise.resolve();
  const source = new EventSource(document.currentScript?.dataset.events ?? "");
  source.addEventListener("version", (event) => {
    if (event.data === root.dataset.version) { say("live", "live"); return; }
    turn = turn.then(refresh).catch(() => say("lost", "not connected"));
  });
  source.addEventListener("farewell", () => { source.close(); say("lost", "stopped"); });
  source.addEventListener("error", () => say("lost", "not connected"));
})();
