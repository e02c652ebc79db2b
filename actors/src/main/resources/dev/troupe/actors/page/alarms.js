// What looks wrong, and what it may come from.

import { element, empty } from "./text.js";

export class Alarms {
  constructor(feed) {
    this.feed = feed;
    this.element = element("section");
  }

  /** How many hold at this moment. */
  get ongoing() {
    return (this.feed.alarms?.alarms ?? []).filter((alarm) => alarm.isOngoing).length;
  }

  update() {
    const { alarms = [], warnings = [] } = this.feed.alarms ?? {};
    const sorted = [...alarms].reverse().sort((a, b) => Number(b.isOngoing) - Number(a.isOngoing));
    this.element.replaceChildren(
      sorted.length > 0
        ? element("ul", { class: "alarms" }, sorted.map(show))
        : empty("Nothing looks wrong: entropy, group variance, KL, lengths, mismatch and failures are watched over ten steps at a time."),
      warnings.length > 0 ? element("h2", {}, "Warnings of the run") : "",
      warnings.length > 0 ? element("ul", {}, [...warnings].reverse().map((warning) => element("li", {}, warning))) : "");
  }
}

function show(alarm) {
  const where = alarm.stage ? `${alarm.stage}, ${span(alarm)}` : "now";
  return element("li", { class: alarm.isOngoing ? "ongoing" : "over" },
    element("h3", {}, element("span", { "aria-hidden": "true" }, alarm.isOngoing ? "▲ " : "△ "), alarm.title, " ",
      element("small", {}, where + (alarm.isOngoing ? ", ongoing" : ", over"))),
    element("p", {}, alarm.sentence), element("p", { class: "quiet" }, alarm.advice));
}

function span(alarm) {
  return alarm.firstStep === alarm.lastStep ? `step ${alarm.firstStep}` : `steps ${alarm.firstStep} to ${alarm.lastStep}`;
}
