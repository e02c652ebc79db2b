// A training step token by token: what each token of a completion earned and was trained with.

import { drawing, element, empty, number } from "./text.js";

/** How often a step is looked for while the run goes on. */
const GLANCE_MILLIS = 2000;
const LEVELS = 4;
const BINS = 24;

/** What tokens can be marked by: the name, a longer one for the readout, and the number of a token. */
const QUANTITIES = {
  advantage: ["advantage", (token) => token.advantage],
  pull: ["pull of the loss", (token) => token.pull],
  reward: ["token reward", (token) => token.reward],
  policy: ["log-ratio of the trained policy to the sampler", (token) => difference(token.policy_logp, token.behaviour_logp)],
  reference: ["log-ratio of the sampler to the reference", (token) => difference(token.behaviour_logp, token.reference_logp)],
  logp: ["log-probability when sampled", (token) => token.behaviour_logp],
};

export class Tokens {
  constructor(feed) {
    this.feed = feed;
    this.ranges = [];
    this.wanted = {}; // what a person chose; what is missing follows the newest step
    this.shown = null;
    this.looked = 0;
    this.selected = null;
    this.stage = element("select", { id: "tokens-stage", onchange: () => this.want({ stage: this.stage.value }) });
    this.step = element("input", { id: "tokens-step", type: "number", min: 1, onchange: () => this.want({ ...this.wanted, stage: this.stage.value, step: Number(this.step.value), ticket: undefined }) });
    this.ticket = element("select", { id: "tokens-ticket", onchange: () => this.want({ stage: this.stage.value, step: Number(this.step.value), ticket: this.ticket.value }) });
    this.by = element("select", { id: "tokens-by", onchange: () => { this.by.dataset.chosen = true; this.draw(); } },
      Object.entries(QUANTITIES).map(([name, [label]]) => element("option", { value: name }, label)));
    this.numbers = element("input", { id: "tokens-numbers", type: "checkbox", onchange: () => this.draw() });
    this.controls = element("p", { class: "controls" },
      together(element("label", { for: "tokens-stage" }, "stage "), this.stage),
      together(element("label", { for: "tokens-step" }, "step "), this.step,
        element("button", { type: "button", onclick: () => this.want({}) }, "newest")),
      together(element("label", { for: "tokens-ticket" }, "prompt "), this.ticket),
      together(element("label", { for: "tokens-by" }, "mark by "), this.by),
      element("label", {}, this.numbers, " numbers"));
    this.readout = element("p", { class: "readout token-readout", "aria-live": "polite" });
    this.facts = element("div");
    this.completions = element("div", { class: "completions", tabindex: "0", role: "group", "aria-label": "Tokens; left and right select one", onkeydown: (event) => this.key(event) });
    this.histogram = element("div");
    this.element = element("section");
  }

  update() {
    if (performance.now() - this.looked < GLANCE_MILLIS && this.shown) return;
    this.look();
  }

  want(choice) {
    this.wanted = choice;
    this.look();
  }

  async look() {
    this.looked = performance.now();
    try {
      this.ranges = await json("api/rollouts");
      const chosen = this.choose();
      if (!chosen) {
        this.element.replaceChildren(empty("No completion is recorded yet. They appear with the first checkpoint of a stage that samples, unless records.rollouts.share is 0."));
        return;
      }
      const same = this.shown && this.shown.stage === chosen.stage && this.shown.step === chosen.step && (!chosen.ticket || this.shown.ticket === chosen.ticket);
      if (same) return;
      const query = new URLSearchParams({ stage: chosen.stage, step: chosen.step });
      if (chosen.ticket) query.set("ticket", chosen.ticket);
      this.shown = await json(`api/rollouts/step?${query}`);
      this.selected = null;
      this.draw();
    } catch (failure) {
      // A browser says no more than that nobody answered; what was shown stays.
      const gone = failure instanceof TypeError;
      if (gone && this.shown) return;
      this.element.replaceChildren(...(gone ? [] : [this.controls]),
        empty(gone ? "The completions cannot be read: the process that served this page has ended or cannot be reached." : String(failure.message)));
    }
  }

  /** The wanted step if it is recorded, else the nearest; the newest if none is wanted. */
  choose() {
    if (this.ranges.length === 0) return null;
    const newest = this.ranges.at(-1);
    const of = this.ranges.filter((range) => range.stage === this.wanted.stage);
    const range = of.find((one) => one.first <= this.wanted.step && this.wanted.step <= one.last) ?? of.at(-1) ?? newest;
    const step = Math.min(range.last, Math.max(range.first, this.wanted.step || range.last));
    return { stage: range.stage, step, ticket: step === this.wanted.step ? this.wanted.ticket : undefined };
  }

  draw() {
    const step = this.shown;
    if (!step) return;
    const stages = [...new Set(this.ranges.map((range) => range.stage))];
    options(this.stage, stages.map((name) => [name, name]), step.stage);
    this.step.value = step.step;
    const range = this.ranges.find((one) => one.stage === step.stage && one.first <= step.step && step.step <= one.last);
    if (range) {
      this.step.min = range.first;
      this.step.max = range.last;
    }
    options(this.ticket, step.tickets.map((one) => [one.ticket, `${one.ticket}: ${shorten(one.prompt)} (${one.reward == null ? "no reward" : number(one.reward)})`]), step.ticket);
    if (!this.by.dataset.chosen) this.by.value = telling(step);
    const [label, value] = QUANTITIES[this.by.value];
    const largest = Math.max(0, ...step.rollouts.flatMap((rollout) => rollout.tokens.map((token) => Math.abs(value(token) ?? 0))));
    this.tokens = [];
    this.facts.replaceChildren(facts(step));
    this.completions.replaceChildren(...step.rollouts.map((rollout) => this.completion(rollout, value, largest)));
    this.histogram.replaceChildren(...histogram(step.advantages));
    const legend = element("p", { class: "quiet token-legend" },
      largest === 0 ? `No token has a ${label} other than 0, or it is not recorded.` : ["Marked by ", label, ": ",
        element("span", { class: "token plus-4" }, `+${number(largest)}`), " solid line above 0, ",
        element("span", { class: "token minus-4" }, `−${number(largest)}`), " dotted line below; thicker is more."]);
    this.element.replaceChildren(this.controls, this.facts, legend, this.readout, this.completions, this.histogram);
    if (this.selected == null) this.readout.textContent = "Point at a token, or select one with the arrow keys, for its numbers.";
  }

  completion(rollout, value, largest) {
    const tokens = rollout.tokens.map((token) => {
      const amount = value(token);
      const level = amount == null || largest === 0 ? 0 : Math.ceil((LEVELS * Math.abs(amount)) / largest - 1e-9);
      const mark = level === 0 ? "" : amount > 0 ? ` plus-${level}` : ` minus-${level}`;
      const made = element("span", { class: `token${mark}`, title: describe(token), onmouseenter: () => this.select(made) },
        token.text === "" ? element("span", { class: "control" }, "·") : visible(token.text));
      if (this.numbers.checked) made.append(element("small", {}, number(amount)));
      made.token = token;
      made.sample = rollout.sample;
      this.tokens.push(made);
      return made;
    });
    const worth = rollout.worth != null && rollout.worth !== rollout.reward ? `, learnt as ${number(rollout.worth)}` : "";
    const lesson = rollout.part == null ? "" : `; ${rollout.part}` + (rollout.quantity == null ? "" : `, ${rollout.quantity} ${rollout.amount == null ? "unknown" : number(rollout.amount)}`);
    const head = rollout.failure ? `not scored: ${rollout.failure}`
      : `reward ${number(rollout.reward)}${worth}` + (rollout.rewards.length > 1 ? ` (${rollout.rewards.map((part) => `${part.name} ${number(part.score)}`).join(", ")})` : "");
    return element("div", { class: "completion" },
      element("span", { class: "reward" }, `${rollout.sample}: ${head}; ${rollout.tokens.length} tokens, ${rollout.finish}${lesson}${rollout.uses === 0 ? "; left out of the step" : ""}`),
      element("p", { class: "text tokens" }, tokens));
  }

  select(made) {
    this.selected?.classList.remove("chosen");
    this.selected = made;
    made.classList.add("chosen");
    this.readout.textContent = `completion ${made.sample}: ${describe(made.token)}`;
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.tokens?.length) return;
    event.preventDefault();
    const at = this.tokens.indexOf(this.selected);
    const next = this.tokens[Math.min(this.tokens.length - 1, Math.max(0, at + by))];
    this.select(next);
    next.scrollIntoView({ block: "nearest" });
  }
}

/** A control beside its label, on one line. */
function together(...parts) {
  return element("span", { class: "control-group" }, ...parts);
}

/** Advantages where the method has them, else what the loss made of each token. */
function telling(step) {
  const some = (name) => step.rollouts.some((rollout) => rollout.tokens.some((token) => token[name] != null));
  return !some("advantage") && some("pull") ? "pull" : "advantage";
}

function difference(a, b) {
  return a == null || b == null ? null : a - b;
}

function describe(token) {
  const parts = [`'${visible(token.text)}' (${token.id})`, `log-probability ${number(token.behaviour_logp)}`];
  if (token.advantage != null) parts.push(`advantage ${number(token.advantage)}`);
  if (token.pull != null) parts.push(`pull ${number(token.pull)}`);
  if (token.reward != null) parts.push(`token reward ${number(token.reward)}`);
  if (token.policy_logp != null) parts.push(`policy to sampler ${number(token.policy_logp - token.behaviour_logp)}`);
  if (token.reference_logp != null) parts.push(`sampler to reference ${number(token.behaviour_logp - token.reference_logp)}`);
  return parts.join(", ");
}

function visible(text) {
  return text.replaceAll("\n", "⏎\n").replaceAll("\t", "⇥");
}

function shorten(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function options(select, pairs, chosen) {
  const wanted = JSON.stringify(pairs);
  if (select.dataset.options !== wanted) {
    select.dataset.options = wanted;
    select.replaceChildren(...pairs.map(([value, label]) => element("option", { value }, label)));
  }
  select.value = chosen;
}

function facts(step) {
  const first = step.rollouts[0];
  const models = Object.entries({ policy: "sampled by version", reference: "reference", shaping: "token rewards by", reward_model: "scored by" })
    .filter(([role]) => first.models[role])
    .map(([role, label]) => element("li", {}, `${label}${role === "policy" ? ` ${first.models.policy_number}` : ""} `, element("code", {}, first.models[role].slice(0, 16))));
  const rewards = first.rewards.map((part) => element("li", {}, `reward ${number(part.weight)} × ${part.name} `, element("code", {}, part.version)));
  return [
    element("p", {}, `${step.stage}, step ${step.step}: ${step.recorded_rollouts.toLocaleString("en-US")} completions of ${step.tickets.length.toLocaleString("en-US")} prompts, ${step.recorded_tokens.toLocaleString("en-US")} tokens.`),
    element("details", {}, element("summary", {}, "weights, template and rewards"),
      element("ul", { class: "parts" }, models, element("li", {}, "template ", element("code", {}, first.template.slice(0, 16))), rewards)),
    element("h2", {}, step.ticket, " ", element("small", {}, first.example)),
    element("code", { class: "text prompt" }, visible(first.prompt)),
    first.answer != null ? element("span", { class: "reward" }, "expected ", element("code", {}, shorten(first.answer))) : "",
  ].reduce((all, part) => (all.append(part), all), element("div"));
}

/** How the completions of the step compare: mean advantage of each, counted in equal intervals. */
function histogram(advantages) {
  if (advantages.length === 0) return [];
  const low = Math.min(...advantages);
  const high = Math.max(...advantages);
  const width = (high - low) / BINS || 1;
  const counts = new Array(BINS).fill(0);
  for (const value of advantages) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]++;
  const most = Math.max(...counts);
  const picture = drawing("svg", { viewBox: "0 0 480 120", role: "img", class: "histogram",
    "aria-label": `Advantages of ${advantages.length} completions from ${number(low)} to ${number(high)}` });
  counts.forEach((count, bin) => {
    const height = (80 * count) / most;
    const from = low + bin * width;
    const bar = drawing("rect", { class: from + width / 2 < 0 ? "bar below" : "bar above", x: bin * 20 + 1, y: 96 - height, width: 18, height });
    bar.append(drawing("title", {}, `${number(from)} to ${number(from + width)}: ${count}`));
    picture.append(bar);
    if (count > 0) picture.append(drawing("text", { x: bin * 20 + 10, y: 93 - height, "text-anchor": "middle" }, String(count)));
  });
  picture.append(drawing("line", { class: "axis", x1: 0, x2: 480, y1: 96, y2: 96 }),
    drawing("text", { x: 0, y: 114 }, number(low)), drawing("text", { x: 480, y: 114, "text-anchor": "end" }, number(high)));
  return [element("h2", {}, "Advantages of the step"), picture];
}

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}
