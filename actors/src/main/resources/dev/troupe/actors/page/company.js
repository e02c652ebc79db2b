// Who is doing what, and what the run waits for.

import { duration, element, empty } from "./text.js";

export class Company {
  constructor(feed) {
    this.feed = feed;
    this.element = element("section");
    setInterval(() => this.element.isConnected && this.update(), 1000);
  }

  update() {
    const company = this.feed.company;
    if (!company) {
      this.element.replaceChildren(
        empty("Only the process that runs a run knows what everybody is doing. Start the run with --page to see it here."));
      return;
    }
    const isOver = !this.feed.isConnected;
    this.element.replaceChildren(
      isOver ? empty("The process of the run has ended. This is what it told last.") : "",
      element("h2", {}, "Roles"), this.roles(company),
      element("h2", {}, "What the run waits for"), this.waits(company, isOver));
  }

  roles(company) {
    const row = (member) =>
      element("tr", {},
        element("th", { scope: "row" }, member.name),
        element("td", {}, element("span", { "aria-hidden": "true" }, member.doing === "idle" ? "○ " : "● "), member.doing),
        element("td", {}, member.version ? element("code", {}, member.version) : "–"));
    return table(["role", "is", "policy version"], company.members.map(row));
  }

  waits(company, isOver) {
    if (company.waits.length === 0) return empty("Nothing at this moment.");
    const now = Date.now();
    const row = (wait) => {
      const patience = (wait.deadline - wait.since) / 1000;
      const waited = Math.min(patience, Math.max(0, (now - wait.since) / 1000));
      return element("tr", {},
        element("td", {}, wait.what),
        element("td", { class: "figure" }, isOver ? "–" : element("meter", { min: 0, max: patience, high: patience / 2, value: waited, "aria-label": "share of its patience" }),
          isOver ? "" : ` ${duration(waited)}`),
        element("td", { class: "figure" }, duration(patience)),
        element("td", {}, wait.onExpiry));
    };
    return table(["for", "waited", "at most", "then"], company.waits.map(row));
  }
}

function table(heads, rows) {
  return element("div", { class: "scroll" },
    element("table", {},
      element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, rows)));
}
