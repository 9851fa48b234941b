/* A reading drawn as a table: cells in the hue of their sample, with their letters and their strips.

   As in rnnlint's other drawings the last axis but one runs to the right (of two axes the last), all others downwards.
   Everything that is not drawn for the eye alone is text: a table that is read aloud says the same. */

"use strict";

((scope) => {
  const { labels } = scope.Explorer;
  const SVG = "http://www.w3.org/2000/svg";
  const TICK = 7;
  const BETWEEN = 2;
  const HIGH = 13;

  /** An element with attributes and children; text is always text. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  function shape(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  /** `3`, `0:5`, `0,2`: positions as Python would index them. */
  function ranged(places) {
    if (places.length === 1) return String(places[0]);
    const whole = places.every((place, number) => number === 0 || place === places[number - 1] + 1);
    return whole ? `${places[0]}:${places[places.length - 1] + 1}` : places.join(",");
  }

  const banded = ([begin, end]) => (end === begin + 1 ? String(begin) : `${begin}:${end}`);

  /** The steps that a strip has as read. */
  const readOf = (strip) => strip.flatMap((tick, step) => (tick === "own" ? [step] : []));

  /** What a part is, in words. */
  function spoken(part, module) {
    const read = readOf(part.strip);
    const words = [part.kind === "cell" ? "cell state" : "hidden state"];
    if (module.layers > 1) words.push(`layer ${ranged(part.layer)}`);
    if (module.directions > 1) words.push(part.direction ? "backward" : "forward");
    words.push(`sample ${ranged(part.sample)}`);
    words.push(`has read ${read.length} of ${module.T} steps (${ranged(read)})`);
    if (part.strip.includes("below")) words.push("the others only through the layers below");
    return words.join(", ");
  }

  /** Which letters the cells need: what is not the same in all of the drawing. */
  function varying(said, module) {
    const layers = new Set(said.cells.flatMap((cell) => cell.parts.map((part) => part.layer.join())));
    return { layer: layers.size > 1, direction: module.directions > 1 };
  }

  /** The few letters of a part: its sample, and what varies or is not whole. */
  function tags(part, module, vary) {
    const found = [`n${ranged(part.sample)}`];
    if (vary.layer || part.layer.length > 1) found.push(`L${ranged(part.layer)}`);
    if (part.unit.length < module.H) found.push(`u${ranged(part.unit)}`);
    if (part.step.length > 1) found.push(`t${ranged(part.step)}`);
    if (vary.direction) found.push(part.direction ? "←" : "→");
    return found.join(" ");
  }

  function stripOf(ticks) {
    const width = ticks.length * (TICK + BETWEEN);
    const made = shape("svg", { width, height: HIGH + 2, viewBox: `-1 -1 ${width} ${HIGH + 2}`, class: "strip" });
    ticks.forEach((tick, step) => {
      const x = step * (TICK + BETWEEN);
      made.append(shape("rect", { x, y: 0, width: TICK, height: HIGH, rx: 1, class: `tick ${tick}` }));
      // filled at its foot: told apart by its form, not by a shade
      if (tick === "below")
        made.append(shape("rect", { x, y: (HIGH * 2) / 3, width: TICK, height: HIGH / 3, class: "half" }));
    });
    return made;
  }

  /** What a cell is known by when the drawing changes: the states that it shows. */
  const identity = (cell) =>
    cell.parts.map((part) => [part.kind, part.direction, part.layer, part.sample, part.step].join("/")).join("+");

  function cellOf(cell, module, vary, focusable) {
    const words = cell.parts.map((part) => spoken(part, module)).join("; ");
    const parts = cell.parts.map((part) =>
      element(
        "div",
        { class: `part ${part.sample.length === 1 ? `s${part.sample[0]}` : "several"}`, "aria-hidden": "true" },
        element("span", { class: "tags" }, tags(part, module, vary)),
        stripOf(part.strip),
      ),
    );
    const place = cell.place.map(banded).join(", ");
    return element(
      "td",
      {
        tabindex: focusable ? -1 : undefined,
        "data-place": place,
        "data-said": words,
        "data-key": identity(cell),
        "data-samples": cell.parts.map((part) => part.sample.join(" ")).join("+"),
        "data-strip": cell.parts.map((part) => part.strip.join(" ")).join("+"),
      },
      element("div", { class: "cell" }, ...parts, element("span", { class: "aloud" }, words)),
    );
  }

  /** The names of axes without the order of the directions, which every cell shows. */
  const short = (name) => name.replace("[fwd|bwd]", "").replace("[bwd|fwd]", "");

  /** Every way to take one position of each of some axes, the last one fastest. */
  function product(sizes) {
    return sizes.reduce((found, size) => found.flatMap((one) => [...Array(size).keys()].map((n) => [...one, n])), [[]]);
  }

  /** The name of a row or column: a button where clicking it takes it. */
  function header(tag, attributes, text, item, take) {
    if (!item || !take) return element(tag, attributes, text);
    const button = element("button", { type: "button", class: "take", tabindex: -1, title: item.expression }, text);
    button.addEventListener("click", () => take(item));
    return element(tag, attributes, button);
  }

  /** The table of a reading.

      `found(axis, band)` is what the menu has for a row or column of that axis, `take` what a click on it does;
      without them nothing can be clicked, and the arrow keys pass it by. */
  function drawn(said, module, found = () => undefined, take = undefined) {
    const rank = said.shape.length;
    const right = rank < 3 ? rank - 1 : rank - 2;
    const down = said.shape.map((_, axis) => axis).filter((axis) => axis !== right);
    const vary = varying(said, module);
    const cells = new Map(said.cells.map((cell) => [cell.index.join(), cell]));
    const table = element("table", { class: "states", role: take ? "grid" : undefined });
    table.append(element("caption", { class: "aloud" }, `${said.expression}: ${said.says}`));
    const head = element("tr");
    for (const axis of down) head.append(element("th", { scope: "col", class: "axis" }, short(said.axes[axis])));
    const columns = said.bands[right];
    const top = element("tr");
    for (const axis of down) top.append(element("td", { class: "corner", "data-axis": axis }));
    head.append(
      element("th", { scope: "colgroup", colspan: columns.length, class: "axis across" }, short(said.axes[right])),
    );
    columns.forEach((band) => top.append(header("th", { scope: "col" }, banded(band), found(right, band), take)));
    table.append(element("thead", {}, head, top));
    const body = element("tbody");
    const sizes = down.map((axis) => said.bands[axis].length);
    for (const places of product(sizes)) {
      const row = element("tr");
      places.forEach((place, number) => {
        // a name of an outer axis stands once, beside all rows of the inner ones
        const inner = places.slice(number + 1);
        if (inner.some((one) => one)) return;
        const span = labels.product(sizes.slice(number + 1));
        const band = said.bands[down[number]][place];
        const scopeOf = span > 1 ? "rowgroup" : "row";
        const attributes = { scope: scopeOf, rowspan: span > 1 ? span : undefined };
        row.append(header("th", attributes, banded(band), found(down[number], band), take));
      });
      for (let column = 0; column < columns.length; column += 1) {
        const index = said.shape.map(() => 0);
        down.forEach((axis, number) => (index[axis] = places[number]));
        index[right] = column;
        row.append(cellOf(cells.get(index.join()), module, vary, Boolean(take)));
      }
      body.append(row);
    }
    table.append(body);
    return table;
  }

  /** The ticks' meaning, for the drawing at hand. */
  function legend(said) {
    const ticks = new Set(said.cells.flatMap((cell) => cell.parts.flatMap((part) => part.strip)));
    const names = { own: "read", below: "only through the layers below", no: "not read" };
    const shown = Object.keys(names).filter((name) => ticks.has(name));
    return shown.flatMap((name) => [stripOf([name]), element("span", {}, names[name])]);
  }

  scope.Explorer = { ...scope.Explorer, drawing: { element, drawn, legend, ranged, short } };
})(globalThis);
