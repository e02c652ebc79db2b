// Which weights were mixed, from what, in which shares, and when.

import { duration, element, empty, number, percent } from "./text.js";

const NEWEST = 20;

export class Soups {
  constructor(feed) {
    this.feed = feed;
    this.element = element("section");
  }

  update() {
    const soups = this.feed.run?.soups ?? [];
    if (soups.length === 0) {
      this.element.replaceChildren(empty("This run mixes no weights: it has no soup stage, and no stage updates its reference."));
      return;
    }
    this.element.replaceChildren(...soups.map((soup) => (soup.kind === "stage" ? this.stage(soup) : this.updates(soup))));
  }

  stage(soup) {
    const done = this.feed.store.stages.get(soup.stage);
    const facts = ["soup/distance", "soup/cosine"]
      .filter((metric) => done?.column(metric))
      .map((metric) => `${metric.slice(5)} ${number(done.column(metric).last)}`);
    return element("article", {},
      element("h2", {}, soup.stage, " ", element("small", {}, "soup of checkpoints")),
      element("p", { class: "quiet" }, done ? ["Mixed after ", duration(this.feed.store.secondsAt(soup.stage, done.step.last)), " of the run", facts.length > 0 ? `; ingredients: ${facts.join(", ")}` : "", "."].join("") : "Not mixed yet."),
      element("ul", { class: "parts" }, soup.parts.map((part) => share(`last checkpoint of ${part.of}`, part.weight))));
  }

  updates(soup) {
    const stage = this.feed.store.stages.get(soup.stage);
    const done = Math.floor((stage?.step.last || 0) / soup.every);
    const first = Math.max(1, done - NEWEST + 1);
    const moments = Array.from({ length: Math.max(0, done - first + 1) }, (_, i) => (done - i) * soup.every);
    return element("article", {},
      element("h2", {}, soup.stage, " ", element("small", {}, `reference follows the policy (${soup.kind})`)),
      element("p", {}, sentence(soup)),
      done === 0
        ? empty(`Not updated yet; the first update is at step ${soup.every}.`)
        : element("table", {},
            element("thead", {}, element("tr", {}, ["update", "after step", "time", "mixed from"].map((head) => element("th", { scope: "col" }, head)))),
            element("tbody", {}, moments.map((step) =>
              element("tr", {}, element("td", {}, String(step / soup.every)), element("td", {}, String(step)), element("td", { class: "figure" }, duration(this.feed.store.secondsAt(soup.stage, step))),
                element("td", {}, element("ul", { class: "parts" }, parts(soup, step))))))),
      first > 1 ? empty(`The newest ${NEWEST} of ${done} updates.`) : "");
  }
}

function sentence(soup) {
  const of = soup.kind === "soup" ? "the first reference" : "the present reference";
  return soup.kind === "copy"
    ? `Every ${soup.every} steps the policy becomes the reference.`
    : `Every ${soup.every} steps: ${percent(1 - soup.rate)} ${of}, ${percent(soup.rate)} policy.`;
}

function parts(soup, step) {
  const policy = share(`policy after step ${step}`, soup.rate);
  if (soup.kind === "copy") return [policy];
  const before = soup.kind === "soup" || step === soup.every ? "first reference" : `reference after step ${step - soup.every}`;
  return [share(before, 1 - soup.rate), policy];
}

function share(name, weight) {
  return element("li", {}, element("meter", { min: 0, max: 1, value: weight, "aria-hidden": "true" }), ` ${percent(weight)} ${name}`);
}
