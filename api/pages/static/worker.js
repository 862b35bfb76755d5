// Shows a page that says so when there is no network; nothing else is ever kept.
"use strict";

const KEPT = "askwatch-offline-1";

addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then(async (cache) => {
      const page = await fetch("/offline");
      const text = await page.clone().text();
      await cache.put("/offline", page);
      // The stylesheet's address changes with its content, so it is read from the page.
      const style = text.match(/\/static\/app\.css\?v=[0-9a-f]+/);
      if (style) await cache.add(style[0]);
    }),
  );
  skipWaiting();
});

addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/offline")));
  } else if (new URL(event.request.url).pathname === "/static/app.css") {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
