// Who worked when, step by step, from the times that each step recorded.

import { drawing, duration, element, empty } from "./text.js";

const LANES = [
  ["generate", "time/generate-seconds"],
  ["score", "time/score-seconds"],
  ["reference", "time/reference-seconds"],
  ["train", "time/train-seconds"],
];
const LEFT = 74;
const ROW = 30;
const BAR = 18;
const TOP = 8;

export class Timeline {
  constructor(feed) {
    this.feed = feed;
    this.end = null; // Follows the newest step while null.
    this.selected = null;
    this.many = element("select", { id: "many", onchange: () => this.update() },
      [10, 20, 40, 80].map((count) => element("option", { value: count }, String(count))));
    this.many.value = "20";
    this.place = element("div", { tabindex: "0", class: "timeline", role: "group", "aria-label": "Timeline; left and right select a step", onkeydown: (event) => this.key(event) });
    this.readout = element("p", { class: "readout", "aria-live": "polite" });
    this.element = element("section", {},
      element("p", { class: "controls" },
        element("label", { for: "many" }, "steps "), this.many,
        element("button", { type: "button", onclick: () => this.page(-1) }, "← older"),
        element("button", { type: "button", onclick: () => this.page(1) }, "newer →"),
        element("button", { type: "button", onclick: () => this.follow() }, "newest")),
      this.place, this.readout,
      element("p", { class: "quiet" }, "Durations are measured; where a bar begins within its step is not recorded. Generating, scoring and the reference are laid one after the other from the step's beginning, training up to its end. What was done side by side is added up, so a bar may be longer than it really was."));
    new ResizeObserver(() => this.update()).observe(this.place);
  }

  stage() {
    return [...this.feed.store.stages.values()].filter((stage) => stage.column("time/train-seconds")).at(-1);
  }

  page(direction) {
    const stage = this.stage();
    if (!stage) return;
    const count = Number(this.many.value);
    const end = Math.max(Math.min(count, stage.length), (this.end ?? stage.length) + direction * count);
    this.end = end >= stage.length ? null : end;
    this.update();
  }

  follow() {
    this.end = null;
    this.selected = null;
    this.update();
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const stage = this.stage();
    if (!by || !stage) return;
    event.preventDefault();
    const last = stage.length - 1;
    this.selected = Math.min(last, Math.max(0, (this.selected ?? last + 1) + by));
    const count = Number(this.many.value);
    const end = this.end ?? stage.length;
    if (this.selected >= end) this.end = this.selected + 1;
    else if (this.selected < end - count) this.end = Math.min(stage.length, this.selected + count);
    this.update();
  }

  update() {
    const stage = this.stage();
    if (!stage || stage.length === 0) {
      this.place.replaceChildren(empty("No step has recorded its times yet."));
      this.readout.textContent = "";
      return;
    }
    const end = Math.min(stage.length, this.end ?? stage.length);
    const begin = Math.max(0, end - Number(this.many.value));
    this.place.replaceChildren(this.draw(stage, begin, end));
    this.tell(stage, this.selected != null && this.selected < stage.length ? this.selected : end - 1);
  }

  draw(stage, begin, end) {
    const width = Math.max(300, this.place.clientWidth);
    const height = TOP + LANES.length * ROW + 40;
    const at = (metric, i) => stage.column(metric)?.all[i] || 0;
    const wall = (i) => at("time/step-seconds", i) || LANES.reduce((sum, [, metric]) => sum + at(metric, i), 0);
    let total = 0;
    for (let i = begin; i < end; i++) total += wall(i);
    const scale = (width - LEFT - 8) / (total || 1);
    const picture = drawing("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `Steps ${stage.step.all[begin]} to ${stage.step.all[end - 1]} of stage ${stage.name}, ${duration(total)}` });
    LANES.forEach(([name], lane) => {
      const y = TOP + lane * ROW;
      picture.append(drawing("line", { class: "grid", x1: LEFT, x2: width - 8, y1: y + ROW - 6, y2: y + ROW - 6 }),
        drawing("text", { x: LEFT - 8, y: y + 14, "text-anchor": "end" }, name));
    });
    let x = LEFT;
    let free = LEFT;
    const floor = TOP + LANES.length * ROW;
    for (let i = begin; i < end; i++) {
      const step = wall(i) * scale;
      let from = x;
      LANES.forEach(([name, metric], lane) => {
        const length = Math.min(at(metric, i) * scale, step);
        if (length <= 0) return;
        const start = name === "train" ? x + step - length : Math.min(from, x + step - length);
        from = start + length;
        const bar = drawing("rect", { class: `bar lane-${lane}`, x: start, y: TOP + lane * ROW, width: Math.max(0.8, length - 0.4), height: BAR });
        bar.append(drawing("title", {}, `step ${stage.step.all[i]}, ${name}: ${duration(at(metric, i))}`));
        picture.append(bar);
      });
      picture.append(drawing("line", { class: "axis", x1: x, x2: x, y1: floor, y2: floor + 4 }));
      if (i === this.selected) {
        picture.append(drawing("rect", { class: "selected", x, y: 1, width: step, height: floor }));
      }
      const label = String(stage.step.all[i]);
      if (x >= free && x + 8 * label.length < width) {
        picture.append(drawing("text", { x: x + 2, y: floor + 16 }, label));
        free = x + 8 * label.length + 18;
      }
      x += step;
    }
    picture.append(drawing("line", { class: "axis", x1: LEFT, x2: width - 8, y1: floor, y2: floor }),
      drawing("text", { x: width - 8, y: floor + 34, "text-anchor": "end" }, `step; ${duration(total)} in all`));
    return picture;
  }

  tell(stage, i) {
    const parts = LANES.map(([name, metric]) => [name, stage.column(metric)?.all[i]]).filter(([, value]) => value > 0);
    const wall = stage.column("time/step-seconds")?.all[i];
    this.readout.textContent = `${stage.name}, step ${stage.step.all[i]}` + (wall > 0 ? ` (${duration(wall)})` : "") + ": " +
      (parts.map(([name, value]) => `${name} ${duration(value)}`).join(", ") || "no time recorded");
  }
}
