// Completions of held-out prompts, one column an evaluation.

import { element, empty, number } from "./text.js";

export class Samples {
  constructor(feed) {
    this.feed = feed;
    this.element = element("section");
  }

  update() {
    const evaluations = this.feed.evaluations ?? [];
    if (evaluations.length === 0) {
      this.element.replaceChildren(
        empty("No evaluation is finished yet. Samples appear after the first stage that the recipe evaluates (evaluate.stages)."));
      return;
    }
    this.element.replaceChildren(element("h2", {}, "Evaluations"), this.results(evaluations), element("h2", {}, "Samples"), this.table(evaluations));
  }

  results(evaluations) {
    return element("ul", { class: "results" },
      evaluations.map((one) =>
        element("li", {}, `after ${one.stage}: `,
          one.value ? `${one.measure} ` : "no measure",
          one.value ? element("strong", {}, one.value) : "",
          one.value ? `, 95% interval ${one.interval}, ${one.prompts.toLocaleString("en-US")} prompts` : "")));
  }

  table(evaluations) {
    const examples = new Map();
    evaluations.forEach((one, column) =>
      (one.samples ?? []).forEach((sample) => {
        if (!examples.has(sample.example)) examples.set(sample.example, { sample, answers: [] });
        examples.get(sample.example).answers[column] = sample;
      }));
    if (examples.size === 0) return empty("The evaluations kept no completions to read.");
    const heads = ["prompt", ...evaluations.map((one) => `after ${one.stage}`)];
    const row = ({ sample, answers }) =>
      element("tr", {},
        element("td", { "data-label": heads[0] }, text(sample.prompt),
          sample.expected != null ? element("span", { class: "reward" }, "expected ", element("code", {}, sample.expected)) : ""),
        evaluations.map((one, i) => element("td", { "data-label": heads[i + 1] }, answers[i] ? answer(answers[i]) : "–")));
    return element("table", { class: "samples" },
      element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, [...examples.values()].map(row)));
  }
}

function answer(sample) {
  return [element("span", { class: "reward" }, `reward ${number(sample.reward)}`), text(sample.completion)];
}

function text(content) {
  return content === "" ? element("span", { class: "empty" }, "(empty)") : element("code", { class: "text" }, content);
}
