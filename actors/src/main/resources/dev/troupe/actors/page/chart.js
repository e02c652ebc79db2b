// A line chart over the steps of a stage: thin raw line, bold mean; several metrics as lines that
// differ in dash and mark as well as in colour. Cost of an update: a few passes over the column.

import uPlot from "./uplot.js";
import { element, number } from "./text.js";

const HEIGHT = 200;
const BUCKETS = 300;
const SMOOTHED_FROM = 12;
const REACHES_PER_CURVE = 40;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [16, 4]];
const COLOURS = ["--line", "--before", "--good", "--violet", "--quiet"];

export class Chart {
  /**
   * @param title what is drawn
   * @param unit of the values, "" for a plain number
   * @param lines {metric, label} of each line
   */
  constructor(title, unit, lines) {
    this.title = title;
    this.unit = unit;
    this.lines = lines;
    this.readout = element("span", { "aria-live": "polite" });
    this.place = element("div", { class: "plot" });
    this.element = element(
      "figure",
      { tabindex: "0", role: "group", "aria-label": title, onkeydown: (event) => this.key(event), onblur: () => this.point(null) },
      element("figcaption", {}, unit ? `${title} (${unit})` : title, this.readout),
      this.place,
      lines.length > 1 ? legend(lines) : null,
    );
    this.plot = null;
    this.at = null;
    this.width = 0;
  }

  /** Draws the stage as it is now; cheap when nothing was added. */
  update(stage) {
    this.stage = stage;
    const columns = this.lines.map((line) => stage.column(line.metric)?.all ?? new Float64Array(stage.length).fill(NaN));
    const data = this.series(stage.step.all, columns);
    // Asking for a width makes the browser lay the page out, so it is asked only when it changed.
    if (this.width === 0) this.width = Math.max(160, this.place.clientWidth);
    if (!this.plot) {
      this.plot = new uPlot(this.options(this.width), data, this.place);
    } else {
      if (this.plot.width !== this.width) this.plot.setSize({ width: this.width, height: HEIGHT });
      this.plot.setData(data);
    }
    if (this.at == null) this.tellCourse(columns[0]);
  }

  /** The place may have another width now. */
  resize() {
    this.width = 0;
  }

  /** Takes up the colours of the page anew. */
  repaint() {
    if (this.plot) {
      this.plot.destroy();
      this.plot = null;
      this.update(this.stage);
    }
  }

  series(steps, columns) {
    if (this.lines.length > 1) {
      const thin = thinned(steps, columns.map((column) => ({ column, isRange: false })));
      return thin;
    }
    const column = columns[0];
    if (column.length < SMOOTHED_FROM) return thinned(steps, [{ column, isRange: true }, { column, isRange: true }]);
    return thinned(steps, [
      { column, isRange: true },
      { column: smoothed(column), isRange: false },
    ]);
  }

  options(width) {
    const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const points = { show: (plot, index) => index > 0 && plot.data[0].length < 3, size: 6 };
    const lines =
      this.lines.length > 1
        ? this.lines.map((line, i) => ({
            label: line.label,
            stroke: ink(COLOURS[i % COLOURS.length]),
            dash: DASHES[i % DASHES.length],
            width: 2,
            points,
          }))
        : [
            { stroke: ink("--raw"), width: 1, points: { show: false } },
            { stroke: ink("--line"), width: 2, points },
          ];
    const axis = {
      stroke: ink("--quiet"),
      grid: { stroke: ink("--rule"), width: 1 },
      ticks: { stroke: ink("--rule"), width: 1, size: 4 },
      font: "11px system-ui, sans-serif",
    };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      scales: { x: { time: false, range: () => this.reach() }, y: { range: (plot, least, greatest) => around(least, greatest) } },
      series: [{}, ...lines],
      axes: [
        { ...axis, size: 26, label: "step", labelFont: axis.font, labelSize: 15, labelGap: 0, space: 45, values: (plot, values) => values.map(whole) },
        { ...axis, size: 54, values: (plot, values) => values.map(tick) },
      ],
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      hooks: { setCursor: [(plot) => this.tell(plot.cursor.idx)] },
    };
  }

  /** The step axis ends at the last step to come, so that it shows what is missing. */
  reach() {
    const first = Math.min(1, this.stage.step.all[0] ?? 0);
    return [first, Math.max(first + 1, this.stage.totalSteps)];
  }

  key(event) {
    const length = this.plot?.data[0].length ?? 0;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") this.point(null);
    else if (by !== undefined && length > 0) {
      const from = this.at ?? (by > 0 ? -1 : length);
      this.point(Math.min(length - 1, Math.max(0, from + by)));
    } else return;
    event.preventDefault();
  }

  point(index) {
    if (!this.plot) return;
    if (index == null) {
      this.plot.setCursor({ left: -10, top: -10 });
    } else {
      const left = this.plot.valToPos(this.plot.data[0][index], "x");
      this.plot.setCursor({ left, top: 10 });
    }
    this.tell(index);
  }

  tell(index) {
    this.at = index ?? null;
    if (index == null) {
      const column = this.stage.column(this.lines[0].metric);
      if (column) this.tellCourse(column.all);
      return;
    }
    const values = this.plot.data.slice(1).map((column) => column[index]);
    const text =
      this.lines.length > 1
        ? this.lines.map((line, i) => `${line.label} ${number(values[i])}`).join(", ")
        : number(values[0]);
    this.readout.textContent = `step ${whole(this.plot.data[0][index])}: ${text}`;
  }

  /** Means over the first and the last tenth, as in the report. */
  tellCourse(column) {
    const finite = column.filter(Number.isFinite);
    const span = Math.ceil(finite.length / 10);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    this.readout.textContent =
      finite.length === 0
        ? "no number yet"
        : finite.length === 1
          ? number(finite[0])
          : `${number(mean(finite.subarray(0, span)))} → ${number(mean(finite.subarray(finite.length - span)))}`;
  }
}

/** A range in which the values fill the middle; a constant gets a height too. */
function around(least, greatest) {
  if (least == null) return [0, 1];
  const range = greatest - least;
  const pad = range > 0 ? 0.06 * range : 0.5 * Math.abs(greatest) || 1;
  return [least >= 0 ? Math.max(0, least - pad) : least - pad, greatest + pad];
}

function tick(value) {
  if (value == null) return "";
  const size = Math.abs(value);
  return size > 0 && (size < 1e-3 || size >= 1e6) ? number(value) : String(Number(value.toPrecision(6)));
}

function whole(value) {
  return Number.isInteger(value) ? value.toLocaleString("en-US") : "";
}

function legend(lines) {
  return element(
    "ul",
    { class: "legend" },
    lines.map((line, i) => element("li", { class: `line-${i % DASHES.length}` }, line.label)),
  );
}

/** The mean over neighbouring steps, ends included with what there is. */
function smoothed(column) {
  const reach = Math.max(1, Math.floor(column.length / REACHES_PER_CURVE));
  const sums = new Float64Array(column.length + 1);
  const counts = new Float64Array(column.length + 1);
  for (let i = 0; i < column.length; i++) {
    const is = Number.isFinite(column[i]);
    sums[i + 1] = sums[i] + (is ? column[i] : 0);
    counts[i + 1] = counts[i] + (is ? 1 : 0);
  }
  return column.map((value, i) => {
    const low = Math.max(0, i - reach);
    const high = Math.min(column.length, i + reach + 1);
    return (sums[high] - sums[low]) / (counts[high] - counts[low]);
  });
}

/**
 * At most two points a bucket: least and greatest value of a raw line, so that no spike is lost,
 * and the mean of others. Gaps become null, as the chart library wants it.
 */
function thinned(steps, lines) {
  const length = steps.length;
  if (length <= 2 * BUCKETS) {
    return [Array.from(steps), ...lines.map(({ column }) => Array.from(column, (value) => (Number.isFinite(value) ? value : null)))];
  }
  const result = [[], ...lines.map(() => [])];
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const from = Math.floor((bucket * length) / BUCKETS);
    const to = Math.floor(((bucket + 1) * length) / BUCKETS);
    result[0].push(steps[from], steps[Math.floor((from + to) / 2)]);
    lines.forEach(({ column, isRange }, i) => {
      let least = Infinity, greatest = -Infinity, sum = 0, count = 0, leastAt = 0, greatestAt = 0;
      for (let k = from; k < to; k++) {
        const value = column[k];
        if (!Number.isFinite(value)) continue;
        if (value < least) { least = value; leastAt = k; }
        if (value > greatest) { greatest = value; greatestAt = k; }
        sum += value;
        count++;
      }
      if (count === 0) result[i + 1].push(null, null);
      else if (!isRange) result[i + 1].push(sum / count, sum / count);
      else if (leastAt <= greatestAt) result[i + 1].push(least, greatest);
      else result[i + 1].push(greatest, least);
    });
  }
  return result;
}
