// Ask the model: the answer follows while one types. Without this file the button sends the form.
"use strict";

const PAUSE = 350;
const form = document.querySelector("[data-ask]");
const answer = form.querySelector("[data-answer]");
let waiting = 0;
let asking = null;

function asked() {
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("input[name]")) {
    if (field.value !== (field.dataset.now ?? "")) {
      query.set(field.name, field.value);
    }
  }
  return query;
}

// Beside each fact what it becomes once the typed ones are as typed.
function showWhatFollows() {
  for (const then of form.querySelectorAll("[data-then]")) {
    const found = answer.querySelector(`[data-follows="${then.dataset.then}"]`);
    then.textContent = found?.textContent ?? "";
  }
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const query = asked();
  history.replaceState(null, "", `${location.pathname}?${query}`);
  query.set("part", "1");
  answer.setAttribute("aria-busy", "true");
  try {
    const said = await fetch(`${location.pathname}?${query}`, { signal: asking.signal });
    if (!said.ok || said.redirected) {
      throw new Error(said.statusText);
    }
    answer.innerHTML = await said.text();
    showWhatFollows();
  } catch (error) {
    if (error.name === "AbortError") {
      return;
    }
    answer.textContent = "The model could not be asked just now. Press Ask to try again.";
  }
  answer.removeAttribute("aria-busy");
}

form.addEventListener("input", (event) => {
  const { now } = event.target.dataset;
  if (now !== undefined) {
    event.target.closest(".ask-field").classList.toggle("changed", event.target.value !== now);
  }
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  ask();
});
