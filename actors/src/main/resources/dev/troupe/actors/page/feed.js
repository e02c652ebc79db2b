// Follows the run: one event stream says what changed, and what is missing is fetched.

import { Store } from "./store.js";

/** How often a long history is drawn while it arrives. */
const GLANCE_MILLIS = 400;

const PARTS = ["run", "evaluations", "alarms", "company"];

export class Feed {
  /** @param onChange called with the set of parts that changed, "steps" among them */
  constructor(onChange) {
    this.onChange = onChange;
    this.store = new Store();
    this.known = {};
    this.isConnected = false;
    this.isFetching = false;
    this.wanted = null;
    for (const part of PARTS) this[part] = null;
  }

  start() {
    const stream = new EventSource("api/changes");
    stream.onmessage = (event) => {
      this.connected(true);
      this.wanted = JSON.parse(event.data);
      this.catchUp();
    };
    stream.onerror = () => this.connected(false);
  }

  connected(is) {
    if (this.isConnected !== is) {
      this.isConnected = is;
      this.onChange(new Set(["connection"]));
    }
  }

  async catchUp() {
    if (this.isFetching) return; // What came meanwhile is seen by the loop below.
    this.isFetching = true;
    try {
      while (this.wanted) {
        const wanted = this.wanted;
        this.wanted = null;
        await this.fetchParts(wanted);
        await this.fetchSteps(wanted);
      }
    } catch {
      this.connected(false); // The stream reconnects by itself and tells again.
    } finally {
      this.isFetching = false;
    }
  }

  async fetchParts(wanted) {
    const changed = PARTS.filter((part) => this.known[part] !== wanted[part]);
    await Promise.all(
      changed.map(async (part) => {
        this[part] = await json(`api/${part}`);
        this.known[part] = wanted[part];
      }),
    );
    if (changed.length > 0) this.onChange(new Set(changed));
  }

  async fetchSteps(wanted) {
    if (this.store.generation !== wanted.generation) {
      this.store.clear(wanted.generation);
      this.onChange(new Set(["steps", "restart"]));
    }
    let told = performance.now();
    while (this.store.next < wanted.steps) {
      const answer = await json(`api/steps?from=${this.store.next}`);
      if (answer.generation !== this.store.generation || answer.from !== this.store.next) return;
      if (answer.next === answer.from) return;
      this.store.append(answer);
      if (this.store.next >= wanted.steps || performance.now() - told > GLANCE_MILLIS) {
        this.onChange(new Set(["steps"]));
        told = performance.now();
      }
    }
  }
}

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
