// The frame of the page: header, tabs, theme. Each view draws itself when it is in front.

import { Alarms } from "./alarms.js";
import { Company } from "./company.js";
import { Curves } from "./curves.js";
import { Feed } from "./feed.js";
import { Samples } from "./samples.js";
import { Soups } from "./soups.js";
import { Timeline } from "./timeline.js";
import { Tokens } from "./tokens.js";
import { element } from "./text.js";

const THEMES = ["system", "light", "dark"];
/** What each view is drawn from. */
const NEEDS = {
  curves: ["steps", "run"],
  company: ["company", "connection"],
  timeline: ["steps"],
  tokens: ["steps"],
  samples: ["evaluations"],
  soups: ["run", "steps"],
  alarms: ["alarms"],
};

const byId = (id) => document.getElementById(id);
const feed = new Feed(changed);
const views = {
  curves: new Curves(feed),
  company: new Company(feed),
  timeline: new Timeline(feed),
  tokens: new Tokens(feed),
  samples: new Samples(feed),
  soups: new Soups(feed),
  alarms: new Alarms(feed),
};
const names = Object.keys(views);
let current = "";

function changed(parts) {
  const begin = performance.now();
  header();
  if (NEEDS[current].some((part) => parts.has(part))) views[current].update();
  performance.measure("update", { start: begin });
}

function header() {
  const run = feed.run;
  if (!run) {
    byId("state").textContent = feed.isConnected ? "Loading." : "The page cannot reach its process.";
    return;
  }
  byId("name").textContent = run.name;
  document.title = `${run.name}: Troupe run`;
  byId("state").textContent = state(run);
  byId("state").className = run.failure ? "status-failed" : "";
  const chips = run.stages.map(chip);
  const text = chips.map((made) => made.textContent).join();
  if (byId("stages").textContent !== text.replaceAll(",", "")) byId("stages").replaceChildren(...chips);
  const alarms = views.alarms.ongoing;
  byId("tab-alarms").textContent = alarms > 0 ? `Alarms ▲ ${alarms}` : "Alarms";
}

function state(run) {
  if (!feed.isConnected) {
    return `Not connected: the process that served this page has ended or cannot be reached. ./troupe page ${run.directory} shows the run again.`;
  }
  if (run.failure) return run.failure;
  const isDone = run.stages.every((stage) => {
    const steps = feed.store.stages.get(stage.name);
    return steps && steps.step.last >= steps.totalSteps;
  });
  const where = `${run.device}, ${run.directory}`;
  if (run.isAlive) return `Running on ${where}.`;
  return isDone ? `Done. ${where}.` : `No process is at it: stopped, or not resumed yet. ${where}.`;
}

function chip(stage) {
  const steps = feed.store.stages.get(stage.name);
  if (!steps) return element("span", { class: "chip" }, `○ ${stage.name}`);
  const isDone = steps.step.last >= steps.totalSteps;
  return element("span", { class: isDone ? "chip done" : "chip now" }, `${isDone ? "✓" : "▶"} ${stage.name} ${steps.step.last}/${steps.totalSteps}`);
}

function show(name) {
  if (name === current) return;
  current = name;
  for (const other of names) {
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
  }
  byId("view").setAttribute("aria-labelledby", `tab-${name}`);
  byId("view").replaceChildren(views[name].element);
  views[name].update();
}

function go(name) {
  history.replaceState(null, "", `#${name}`);
  show(name);
  byId(`tab-${name}`).focus();
}

byId("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) go(tab.id.slice("tab-".length));
});
byId("tabs").addEventListener("keydown", (event) => {
  const at = names.indexOf(current);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  go(names.at(to % names.length));
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("view").focus();
});
window.addEventListener("hashchange", () => show(wanted()));

function wanted() {
  const name = location.hash.slice(1);
  return names.includes(name) ? name : "curves";
}

function paint(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `theme: ${theme}`;
  views.curves.repaint();
}

function storedTheme() {
  const theme = localStorage.getItem("troupe-theme");
  return THEMES.includes(theme) ? theme : "system";
}

byId("theme").addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(storedTheme()) + 1) % THEMES.length];
  localStorage.setItem("troupe-theme", next);
  paint(next);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => views.curves.repaint());

paint(storedTheme());
show(wanted());
feed.start();
