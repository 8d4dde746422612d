// The editor of a rule: buttons change its parts without leaving the page, and whom it finds is
// counted while one types. Without this file the same buttons send the form.
"use strict";

const PAUSE = 400;
const form = document.querySelector("[data-rule-form]");
const parts = form.querySelector("[data-parts]");
const found = form.querySelector("[data-found]");
const brief = form.querySelector("[data-brief]");
let waiting = 0;
let asking = null;

function send(url, extra, signal) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(extra)) {
    body.set(name, value);
  }
  return fetch(url, { method: "POST", body, signal });
}

async function count() {
  clearTimeout(waiting);
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  found.setAttribute("aria-busy", "true");
  try {
    const answer = await send(form.dataset.countUrl, {}, mine.signal);
    if (!answer.ok || answer.redirected) {
      throw new Error(answer.statusText);
    }
    const { html, errors } = await answer.json();
    found.innerHTML = html;
    const shown = found.querySelector(".found-count");
    brief.textContent = shown ? `${shown.textContent} now` : "";
    mark(errors);
  } catch (error) {
    if (error.name === "AbortError") {
      return;
    }
    found.querySelector("p")?.replaceChildren("It could not be counted just now. Press Count to try again.");
  }
  found.removeAttribute("aria-busy");
}

function mark(errors) {
  for (const place of parts.querySelectorAll("[data-error]")) {
    const words = errors[place.dataset.error] || "";
    place.textContent = words;
    place.closest(".rule-field")?.classList.toggle("errors", Boolean(words));
  }
}

async function change(button) {
  const answer = await send(form.dataset.partsUrl, { do: button.value });
  if (!answer.ok || answer.redirected) {
    throw new Error(answer.statusText);
  }
  parts.innerHTML = await answer.text();
  const made = parts.querySelector("[data-new]") || parts;
  made.querySelector(".rule-fields :is(input, select), select")?.focus();
  count();
}

form.addEventListener("input", (event) => {
  if (event.target.name.endsWith(":new") || ["name", "description"].includes(event.target.name)) {
    return;
  }
  clearTimeout(waiting);
  waiting = setTimeout(count, PAUSE);
});

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.value === "count") {
    event.preventDefault();
    count();
  } else if (button?.value.includes(":")) {
    event.preventDefault();
    // What the script cannot do, the form can.
    change(button).catch(() => {
      const did = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: button.value });
      form.append(did);
      form.submit();
    });
  }
});
