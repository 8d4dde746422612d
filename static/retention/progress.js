// Keeps progress bars moving: asks data-progress-url for {"done", "total", "message", "finished"}
// every two seconds, more rarely while it fails, not at all while the page is hidden; reloads at the end.
"use strict";

const EVERY = 2000;
const SLOWEST = 60000;

function show(bar, state) {
  const progress = bar.querySelector("progress");
  if (state.total) {
    progress.max = state.total;
    progress.value = state.done;
  } else {
    progress.removeAttribute("value");
  }
  const count = bar.querySelector("[data-progress-count]");
  if (count && state.total) {
    count.textContent = `${state.done.toLocaleString()} of ${state.total.toLocaleString()}`;
  }
  const message = bar.querySelector("[data-progress-message]");
  if (message) {
    message.textContent = state.message || "";
  }
}

async function ask(bar, wait) {
  if (document.hidden) {
    setTimeout(ask, EVERY, bar, EVERY);
    return;
  }
  try {
    const answer = await fetch(bar.dataset.progressUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      throw new Error(answer.statusText);
    }
    const state = await answer.json();
    show(bar, state);
    if (state.finished) {
      location.reload();
      return;
    }
    setTimeout(ask, EVERY, bar, EVERY);
  } catch {
    setTimeout(ask, wait, bar, Math.min(wait * 2, SLOWEST));
  }
}

for (const bar of document.querySelectorAll("[data-progress-url]")) {
  setTimeout(ask, EVERY, bar, EVERY);
}
