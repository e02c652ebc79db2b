// The steps of the run, a growing column of numbers for each metric of each stage.

class Column {
  constructor(length = 0) {
    this.length = length;
    this.values = new Float64Array(Math.max(64, length)).fill(NaN);
  }

  push(value) {
    if (this.length === this.values.length) {
      const longer = new Float64Array(2 * this.length).fill(NaN);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value ?? NaN;
  }

  padTo(length) {
    while (this.length < length) this.push(NaN);
  }

  /** The numbers so far, as a view that is good until the next push. */
  get all() {
    return this.values.subarray(0, this.length);
  }

  get last() {
    return this.length === 0 ? NaN : this.values[this.length - 1];
  }
}

class Stage {
  constructor(name) {
    this.name = name;
    this.totalSteps = 0;
    this.step = new Column();
    this.elapsed = new Column();
    this.columns = new Map();
  }

  get length() {
    return this.step.length;
  }

  column(metric) {
    return this.columns.get(metric);
  }

  append(block) {
    const before = this.length;
    this.totalSteps = block.totalSteps;
    block.step.forEach((value) => this.step.push(value));
    block.elapsed.forEach((value) => this.elapsed.push(value));
    for (const [metric, values] of Object.entries(block.columns)) {
      if (!this.columns.has(metric)) this.columns.set(metric, new Column(before));
      const column = this.columns.get(metric);
      values.forEach((value) => column.push(value));
    }
    this.columns.forEach((column) => column.padTo(this.length));
  }
}

export class Store {
  constructor() {
    this.clear(0);
  }

  /** Begins anew: the records were cut. */
  clear(generation) {
    this.generation = generation;
    this.next = 0;
    this.stages = new Map();
  }

  /** Takes in an answer of /api/steps that begins where the store ends. */
  append(answer) {
    for (const block of answer.blocks) {
      if (!this.stages.has(block.stage)) this.stages.set(block.stage, new Stage(block.stage));
      this.stages.get(block.stage).append(block);
    }
    this.next = answer.next;
  }

  /** Seconds that the run had computed when a stage had done so many of its steps; NaN if it has not. */
  secondsAt(name, step) {
    let before = 0;
    for (const stage of this.stages.values()) {
      if (stage.name === name) return before + stage.elapsed.all[stage.step.all.indexOf(step)];
      before += stage.elapsed.last;
    }
    return NaN;
  }

  /** The stage that recorded last, or undefined. */
  get newest() {
    return [...this.stages.values()].at(-1);
  }
}
