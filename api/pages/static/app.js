// Makes the pages live: ages, states, "3 new" bars, keys. Everything also works without it.
"use strict";

(() => {
  const words = JSON.parse(document.body.dataset.words);
  // The server's clock counts: a phone's may be wrong.
  const skew = Date.parse(document.body.dataset.now) - Date.now();

  function sayAge(at) {
    const seconds = Math.max(0, (Date.now() + skew - at) / 1000);
    const fill = (text, number) => text.replace("0", String(Math.floor(number)));
    if (seconds < 60) return words.now;
    if (seconds < 3600) return fill(words.min, seconds / 60);
    if (seconds < 86400) return fill(words.h, seconds / 3600);
    return seconds < 14 * 86400 ? fill(words.d, seconds / 86400) : "";
  }

  function updateAges() {
    for (const time of document.querySelectorAll("time[data-age]")) {
      const text = sayAge(Date.parse(time.dateTime));
      if (text && text !== time.textContent) time.textContent = text;
    }
  }
  setInterval(updateAges, 15000);

  // Live: an event is only a hint, so the page's own address is read again and compared.
  let reading = false;

  function isTouched(node) {
    return node.matches(":hover") || node.contains(document.activeElement) || node.querySelector("details[open]");
  }

  function replaceStates(fresh) {
    for (const line of document.querySelectorAll("[data-state]")) {
      const other = fresh.querySelector(`[data-state="${CSS.escape(line.dataset.state)}"]`);
      if (!other || other.textContent === line.textContent || isTouched(line)) continue;
      line.replaceChildren(...other.cloneNode(true).childNodes);
      line.classList.add("arrived");
    }
  }

  // A row changes in its place and keeps its height, so that nothing below it moves.
  function replaceRows(fresh) {
    for (const row of document.querySelectorAll(".question-row")) {
      const other = fresh.querySelector(`.question-row[data-lead="${CSS.escape(row.dataset.lead)}"]`);
      if (!other || other.dataset.revision === row.dataset.revision || isTouched(row)) continue;
      row.style.minHeight = `${row.getBoundingClientRect().height}px`;
      row.dataset.revision = other.dataset.revision;
      row.replaceChildren(...document.importNode(other, true).childNodes);
      row.classList.add("arrived");
    }
  }

  function replaceActions(fresh) {
    const now = document.querySelector(".detail-pane .question");
    const then = now && fresh.querySelector(`.detail-pane .question[data-lead="${CSS.escape(now.dataset.lead)}"]`);
    if (!now || !then || isTouched(now) || now.querySelector("form :focus")) return;
    const state = (node) => node.querySelector("[data-state]")?.dataset.revision;
    if (state(now) !== state(then)) now.replaceWith(document.importNode(then, true));
  }

  function countFresh(fresh) {
    for (const bar of document.querySelectorAll("[data-fresh]")) {
      const ids = (root) => [...root.querySelectorAll("[data-rows] [data-lead]")].map((row) => row.dataset.lead);
      const known = new Set([...document.querySelectorAll("[data-lead]")].map((row) => row.dataset.lead));
      const count = ids(fresh).filter((id) => !known.has(id)).length;
      if (!count) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${count} ${words.new} – ${words.show}`;
      button.addEventListener("click", () => location.reload());
      bar.replaceChildren(button);
      bar.hidden = false;
    }
  }

  function replaceEntries(fresh) {
    for (const entry of document.querySelectorAll("[data-pending]")) {
      const other = fresh.querySelector(`[data-entry="${CSS.escape(entry.dataset.entry)}"]`);
      if (!other || other.textContent === entry.textContent || isTouched(entry)) continue;
      const arrived = document.importNode(other, true);
      arrived.classList.add("arrived");
      entry.replaceWith(arrived);
    }
  }

  async function readAgain() {
    if (reading || document.hidden) return;
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      replaceStates(fresh);
      replaceRows(fresh);
      replaceActions(fresh);
      countFresh(fresh);
      replaceEntries(fresh);
      updateAges();
    } catch {
      // Offline: the bar says so, and the next event tries again.
    } finally {
      reading = false;
    }
  }

  // The feed's index follows the database within a second or two, so the feed looks twice.
  let timers = [];
  function readSoon() {
    timers.forEach(clearTimeout);
    timers = (document.querySelector("[data-fresh='feed']") ? [400, 2500] : [400]).map((pause) => setTimeout(readAgain, pause));
  }

  const isSignedIn = Boolean(document.querySelector(".top"));
  const isLive = isSignedIn && document.querySelector("[data-state], [data-fresh], [data-live]");
  if (isLive && "EventSource" in window) {
    const events = new EventSource("/api/v1/events");
    for (const kind of ["message", "reload"]) events.addEventListener(kind, readSoon);
    let wasOpen = false;
    events.addEventListener("open", () => {
      if (wasOpen) readSoon();
      wasOpen = true;
    });
    addEventListener("pagehide", () => events.close());
  }
  document.addEventListener("visibilitychange", () => document.hidden || !isLive || readSoon());

  // A post that is not a question causes no event: while one is being read, look by ourselves.
  let looks = 0;
  const looking = setInterval(() => {
    if (!document.querySelector("[data-pending]") || (looks += 1) > 60) clearInterval(looking);
    else readAgain();
  }, 1500);

  // Offline is said, never guessed from silence.
  function tellOffline() {
    let bar = document.querySelector(".offline-bar");
    if (navigator.onLine) {
      if (bar) bar.remove();
      if (isLive) readSoon();
    } else if (!bar) {
      bar = document.createElement("p");
      bar.className = "offline-bar";
      bar.textContent = words.offline;
      document.querySelector(".bars").append(bar);
    }
  }
  addEventListener("online", tellOffline);
  addEventListener("offline", tellOffline);

  // Menus close when somebody looks elsewhere, and one is open at a time.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      const sheet = menu.querySelector(".sheet");
      if (!sheet.contains(event.target) && !menu.querySelector("summary").contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // One press sends a form once.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === "post") event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Keys of the feed.
  const rows = () => [...document.querySelectorAll(".feed .ask a")];
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function openPost() {
    const row = document.activeElement?.closest("[data-url]");
    if (row) window.open(row.dataset.url, "_blank", "noopener,noreferrer");
  }
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => document.querySelector("#q").focus(),
    e: openPost,
    "?": () => document.querySelector("#keys").showModal(),
  };
  if (document.body.classList.contains("feed-page")) {
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest("input, textarea, select, dialog");
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
  }

  if ("serviceWorker" in navigator && isSignedIn) navigator.serviceWorker.register("/worker.js");
})();
