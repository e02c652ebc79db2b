// Elements, numbers and times as people read them. Text is only ever set as text, never as markup.

/** Makes an element: attributes by name, handlers by "on…", children as nodes or text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child != null));
  return made;
}

/** The same in SVG. */
export function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A sentence in place of a view that has nothing to show. */
export function empty(sentence) {
  return element("p", { class: "quiet" }, sentence);
}

/** Three significant digits: 0.0123, 12.3, 12,345, 1.2e-5. */
export function number(value) {
  if (value == null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 1e7) return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  if (size >= 99.95) return Math.round(value).toLocaleString("en-US");
  const decimals = size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.0995 ? 3 : 4;
  return value.toFixed(decimals);
}

/** A duration: 250 ms, 8.4 s, 3 min 04 s, 2 h 05 min. */
export function duration(seconds) {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.5) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const two = (value) => String(value).padStart(2, "0");
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
    : `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A weight or share: 50%, 2.5%. */
export function percent(share) {
  return `${Number((100 * share).toFixed(1))}%`;
}
