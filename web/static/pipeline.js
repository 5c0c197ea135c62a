// Replace the state of the pipeline with each one that the server sends. Without this script a reload shows it.
const live = document.getElementById("live");
const label = document.getElementById("live-state");
const pause = document.getElementById("live-pause");
let source = null;

// A reader who is in the region, or selects text there, keeps it as it is.
const inUse = () => live.contains(document.activeElement) || !document.getSelection().isCollapsed;

const show = (html) => {
  const scrolled = [...live.querySelectorAll(".scroll")].map((region) => region.scrollLeft);
  live.innerHTML = html;
  live.querySelectorAll(".scroll").forEach((region, number) => { region.scrollLeft = scrolled[number] ?? 0; });
};

const start = () => {
  source = new EventSource("/pipeline/events");
  source.onopen = () => { label.textContent = "Live, every few seconds."; };
  source.onerror = () => { label.textContent = "The server does not answer; the state below is the last one."; };
  source.onmessage = (event) => { if (!inUse()) show(event.data); };
  pause.textContent = "Pause";
};

const stop = () => {
  source.close();
  source = null;
  label.textContent = "Paused.";
  pause.textContent = "Continue";
};

pause.hidden = false;
pause.addEventListener("click", () => (source ? stop() : start()));
window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted && source) start(); });
start();
