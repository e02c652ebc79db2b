// Everything that was measured, step by step.

import { Chart } from "./chart.js";
import { element, empty } from "./text.js";

/** What is drawn together or first; a metric that ends with "/" stands for all that begin so. */
const PROMINENT = [
  ["reward", ["reward/mean", "reward/component/"]],
  ["reward spread", ["reward/std"]],
  ["KL to the reference", ["kl/reference"]],
  ["KL to the sampling policy", ["kl/behaviour"]],
  ["entropy", ["entropy"]],
  ["clipped tokens", ["ratio/clipped"]],
  ["completion length", ["length/mean", "length/max"]],
  ["groups without difference", ["groups/uniform"]],
  ["advantages", ["advantage/"]],
  ["generator–learner mismatch", ["mismatch/mean", "mismatch/max"]],
  ["age of tokens", ["staleness/mean", "staleness/max"]],
  ["preference accuracy", ["preference/accuracy"]],
  ["loss", ["loss"]],
];
const UNITS = { "length/max": "tokens", "groups/uniform": "share", "mismatch/mean": "nats", "mismatch/max": "nats" };
const FRAME_MILLIS = 12;

export class Curves {
  constructor(feed) {
    this.feed = feed;
    this.chosen = null;
    this.shown = "";
    this.charts = [];
    this.waiting = new Set();
    this.visible = new Set();
    this.select = element("select", { id: "stage", onchange: () => this.choose(this.select.value) });
    this.figures = element("div", { class: "curves" });
    this.more = element("div", { class: "curves" });
    this.count = element("summary");
    this.details = element("details", { hidden: true }, this.count, this.more);
    this.note = empty("");
    this.element = element(
      "section",
      {},
      element("p", { class: "controls" }, element("label", { for: "stage" }, "stage "), this.select,
        element("span", { class: "quiet" }, " Thin: each step. Bold: mean over neighbouring steps. Arrow keys move through a chart.")),
      this.note,
      this.figures,
      this.details,
    );
    this.sight = new IntersectionObserver((entries) => this.see(entries), { rootMargin: "100px" });
    new ResizeObserver(([entry]) => this.resize(entry.contentRect.width)).observe(this.element);
  }

  choose(name) {
    this.chosen = name;
    this.update();
  }

  stage() {
    const stages = this.feed.store.stages;
    return stages.get(this.chosen) ?? [...stages.values()].filter((stage) => stage.totalSteps > 1).at(-1) ?? this.feed.store.newest;
  }

  update() {
    const stage = this.stage();
    this.options([...this.feed.store.stages.keys()], stage?.name);
    if (!stage) {
      this.note.textContent = "No step is recorded yet. Curves appear with the first one.";
      this.build(null);
      return;
    }
    this.note.textContent = stage.length === 1 ? "This stage has one step so far: values, but no course." : "";
    this.build(stage);
    this.redraw();
  }

  options(names, current) {
    if (this.select.options.length !== names.length) {
      this.select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    }
    if (current) this.select.value = current;
  }

  /** Makes the charts anew when the stage or what it records changed. */
  build(stage) {
    const key = stage ? `${stage.name} ${[...stage.columns.keys()].join()}` : "";
    if (key === this.shown) return;
    this.shown = key;
    this.sight.disconnect();
    this.visible.clear();
    this.charts = [];
    this.figures.replaceChildren();
    this.more.replaceChildren();
    this.details.hidden = true;
    if (!stage) return;
    const known = new Map((this.feed.run?.metrics ?? []).map((metric) => [metric.name, metric]));
    const rest = new Set(stage.columns.keys());
    for (const [title, patterns] of PROMINENT) {
      const metrics = patterns.flatMap((pattern) => [...rest].filter((name) => (pattern.endsWith("/") ? name.startsWith(pattern) : name === pattern)));
      if (metrics.length === 0) continue;
      metrics.forEach((metric) => rest.delete(metric));
      // One component is the total under another name.
      const drawn = metrics.filter((metric) => !metric.startsWith("reward/component/") || metrics.length > 2);
      this.add(this.figures, title, drawn, known);
    }
    [...rest].sort().forEach((metric) => this.add(this.more, known.get(metric)?.label ?? metric, [metric], known));
    this.details.hidden = rest.size === 0;
    this.count.textContent = `${rest.size} more`;
  }

  add(place, title, metrics, known) {
    const unit = known.get(metrics[0])?.unit || UNITS[metrics[0]] || "";
    const chart = new Chart(title, unit, metrics.map((metric) => ({ metric, label: short(metric, known) })));
    const meaning = metrics.map((metric) => known.get(metric)?.meaning).filter(Boolean).join("; ");
    if (meaning) chart.element.title = meaning;
    chart.element.chart = chart;
    this.charts.push(chart);
    place.append(chart.element);
    this.sight.observe(chart.element);
  }

  see(entries) {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        this.visible.add(entry.target.chart);
        this.queue(entry.target.chart);
      } else this.visible.delete(entry.target.chart);
    }
  }

  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.charts.forEach((chart) => chart.resize());
    this.redraw();
  }

  redraw() {
    this.visible.forEach((chart) => this.queue(chart));
  }

  repaint() {
    this.charts.forEach((chart) => chart.repaint());
  }

  queue(chart) {
    if (this.waiting.size === 0) requestAnimationFrame(() => this.draw(performance.now()));
    this.waiting.add(chart);
  }

  /**
   * Draws what is in sight, one chart after the other, and goes on in the next frame when this one
   * has taken long enough. The chart library paints in a microtask, so the clock is read after it.
   */
  draw(begin) {
    const [chart] = this.waiting;
    const stage = this.stage();
    if (chart && stage) chart.update(stage);
    queueMicrotask(() => {
      this.waiting.delete(chart);
      const isLate = performance.now() - begin > FRAME_MILLIS;
      if (this.waiting.size > 0 && !isLate) {
        this.draw(begin);
        return;
      }
      performance.measure("draw", { start: begin });
      if (this.waiting.size > 0) requestAnimationFrame(() => this.draw(performance.now()));
    });
  }
}

function short(metric, known) {
  if (metric === "reward/mean") return "total";
  return metric.includes("/") ? metric.slice(metric.lastIndexOf("/") + 1) : (known.get(metric)?.label ?? metric);
}
