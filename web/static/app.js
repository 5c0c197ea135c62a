// Search as you type, and keys. All pages work without this file.

const DELAY_MS = 120;
const MIN_LENGTH = 2;

function setUpSuggestions(input) {
  const list = document.getElementById("suggestions");
  let timer = 0;
  let request = null;

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.replaceChildren();
  }

  async function show() {
    request?.abort();
    request = new AbortController();
    const address = `${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`;
    try {
      const response = await fetch(address, { signal: request.signal, headers: { accept: "text/html" } });
      if (!response.ok) return list.replaceChildren();
      const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
      list.replaceChildren(...parsed.body.childNodes);
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < MIN_LENGTH) return close();
    timer = setTimeout(show, DELAY_MS);
  });
  input.form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const place = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      close();
      input.focus();
    } else if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(place + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && place >= 0) {
      event.preventDefault();
      (place === 0 ? input : links[place - 1]).focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!input.form.contains(event.target)) close();
  });
}

// Lists with data-arrows: up and down move between the rows' links, enter follows, left goes back, p pins.
function setUpArrows(list) {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...list.querySelectorAll("a[data-step]")];
    const row = document.activeElement?.closest("tr");
    const place = row ? links.findIndex((link) => row.contains(link)) : -1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? Math.min(place + 1, links.length - 1) : Math.max(place - 1, 0);
      if (links[next]) {
        event.preventDefault();
        links[next].focus();
      }
    } else if (event.key === "ArrowLeft") {
      document.querySelector("a[data-back]")?.click();
    } else if (event.key === "ArrowRight" && place >= 0) {
      links[place].click();
    } else if (event.key === "p" && place >= 0) {
      row.querySelector("a[data-pin]")?.click();
    }
  });
}

function isTyping(event) {
  return event.target.closest("input, select, textarea, [contenteditable]") !== null;
}

const search = document.querySelector("input[data-suggest]");
if (search) {
  setUpSuggestions(search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !isTyping(event)) {
      event.preventDefault();
      search.focus();
    }
  });
}
document.querySelectorAll("[data-arrows]").forEach(setUpArrows);
// A choice applies at once; the button stays for readers without JavaScript.
document.querySelectorAll("form[data-submit-on-change]").forEach((form) => {
  form.addEventListener("change", () => form.requestSubmit());
});
