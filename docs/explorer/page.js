/* The page: controls, menu and drawing of one reading, which the address holds. */

"use strict";

((scope) => {
  const { labels, menu, meaning, saying, link, drawing } = scope.Explorer;
  const { element } = drawing;
  const at = (id) => document.getElementById(id);
  const MOVES = 400; // milliseconds in which cells go to their new places

  let reading = null;
  let focus = { row: 0, column: 0 }; // in the grid, headers included

  // ---- the module

  const LEGENDS = {
    cell: ["Cell", (value) => value],
    layers: ["Layers", String],
    directions: ["Directions", (value) => (value === 2 ? "both" : "forward")],
    batchFirst: ["batch_first", (value) => (value ? "True" : "False")],
    N: ["N, samples", String],
    T: ["T, steps", String],
    H: ["H, hidden size", String],
  };
  const SHOWN_ORDER = (values) => [...values].sort((one, other) => (typeof one === "number" ? one - other : 0));

  function makeControls() {
    for (const [name, [legend, word]] of Object.entries(LEGENDS)) {
      const choices = SHOWN_ORDER(menu.CHOICES[name]).map((value) => {
        const input = element("input", { type: "radio", name, value: String(value), id: `${name}-${value}` });
        input.addEventListener("change", () => choose({ [name]: value }));
        return element("span", { class: "choice" }, input, element("label", { for: input.id }, word(value)));
      });
      at("module").append(element("fieldset", {}, element("legend", {}, legend), element("div", {}, ...choices)));
    }
    at("module").addEventListener("submit", (event) => event.preventDefault());
  }

  /** The same reading of another module, as far as that has it. */
  function choose(changed) {
    const module = { ...reading.module, ...changed };
    go(menu.carried(reading, module));
  }

  // ---- going somewhere

  /** Goes to a reading by its address, so that going back undoes it. */
  function go(next) {
    const address = link.written(next);
    if (location.hash === address) return;
    location.hash = address;
  }

  function arrive() {
    const { reading: next, wrong } = link.read(location.hash);
    at("notice").textContent = wrong;
    at("notice").hidden = !wrong;
    const before = positions();
    const focused = document.activeElement;
    reading = next;
    render();
    keepFocus(focused);
    moveFrom(before);
  }

  /** What was clicked may be gone: then the keyboard goes on from the new expression, which is read aloud. */
  function keepFocus(focused) {
    if (focused === document.body || focused.isConnected) return;
    (at(focused.id) ?? at("expression")).focus({ preventScroll: true });
  }

  // ---- cells that move

  function positions() {
    const found = new Map();
    for (const cell of at("drawing").querySelectorAll("td[data-key]")) {
      if (!found.has(cell.dataset.key)) found.set(cell.dataset.key, cell.getBoundingClientRect());
    }
    return found;
  }

  /** Lets every cell whose states were drawn before come from where they stood. */
  function moveFrom(before) {
    if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const cell of at("drawing").querySelectorAll("td[data-key]")) {
      const old = before.get(cell.dataset.key);
      const now = cell.getBoundingClientRect();
      const from = old ? { transform: `translate(${old.left - now.left}px, ${old.top - now.top}px)` } : { opacity: 0 };
      cell.firstElementChild.animate([from, {}], { duration: MOVES, easing: "ease-in-out" });
    }
  }

  // ---- what is shown

  function render() {
    const { module } = reading;
    const said = saying.said(reading);
    for (const name of Object.keys(LEGENDS)) at(`${name}-${module[name]}`).checked = true;
    const unpacked = module.cell === "LSTM" ? "output, (h_n, c_n)" : "output, h_n";
    const shape = module.batchFirst ? "(N, T, I)" : "(T, N, I)";
    at("constructor").textContent = `${unpacked} = ${said.constructor}(x)   # x: ${shape}`;
    document.title = `${said.expression} - rnnlint`;
    renderResults(module);
    renderWay();
    at("expression").textContent = said.expression;
    at("says").replaceChildren(
      element("span", { class: "shape" }, `shape (${said.shape.join(", ")})`),
      ` ${said.says}`,
    );
    const items = menu.menu(reading).map(withExpression);
    at("drawing").replaceChildren(
      drawing.drawn(
        said,
        module,
        (axis, band) => forBand(items, axis, band),
        (item) => go(item.next),
      ),
    );
    at("legend").replaceChildren(
      ...drawing.legend(said),
      element("span", {}, `- the ${module.T} steps of x; n0 is sample 0`),
    );
    at("detail").textContent = summary(said);
    renderAnswers(said);
    renderMenu(items, said);
    renderWanted(module);
    at("command").textContent = said.command;
    enterGrid();
  }

  function withExpression(item) {
    const next = item.leads();
    return { ...item, next, expression: menu.expression(next) };
  }

  /** What the menu has for a row or column: taking it, or the half of the features that it is. */
  function forBand(items, axis, [begin, end]) {
    const size = reading.tensor.shape[axis];
    return items.find(
      (item) =>
        item.axis === axis &&
        ((item.group === "pick" && end === begin + 1 && item.place === begin) ||
          (item.key === "half.0" && begin === 0 && end * 2 === size) ||
          (item.key === "half.1" && begin * 2 === size && end === size)),
    );
  }

  function renderResults(module) {
    const results = labels.results(module);
    at("results").replaceChildren(
      ...Object.entries(results).map(([name, tensor]) => {
        const button = element(
          "button",
          { type: "button", "aria-pressed": String(name === reading.name), id: `result-${name}` },
          element("code", {}, name),
          element("span", {}, `(${tensor.shape.join(", ")})`),
        );
        button.addEventListener("click", () => go(menu.start(module, name)));
        return button;
      }),
    );
  }

  function renderWay() {
    const { module, name } = reading;
    const keys = reading.steps.map((step) => step.key);
    const stops = [...Array(keys.length + 1).keys()].map((count) => menu.follow(module, name, keys.slice(0, count)));
    const list = stops.map((stop, number) => {
      const text = number ? added(stops[number - 1], stop) : name;
      if (number === keys.length) return element("li", { "aria-current": "step" }, element("code", {}, text));
      const button = element("button", { type: "button", title: `back to ${menu.expression(stop)}` }, text);
      button.addEventListener("click", () => go(stop));
      return element("li", {}, button);
    });
    at("way").replaceChildren(element("ol", {}, ...list));
  }

  /** What a step adds to an expression, as one writes it. */
  function added(before, after) {
    const whole = menu.expression(after);
    const old = menu.expression(before);
    if (whole.startsWith(old)) return whole.slice(old.length);
    return whole.startsWith(before.base) ? whole.slice(before.base.length) : whole;
  }

  /** How much of the sequence each direction has read. */
  function summary(said) {
    const { module } = reading;
    const found = [0, 1].flatMap((direction) => {
      const counts = said.cells.flatMap((cell) =>
        cell.parts
          .filter((part) => part.direction === direction)
          .map((part) => part.strip.filter((tick) => tick === "own").length),
      );
      if (!counts.length) return [];
      const [least, most] = [Math.min(...counts), Math.max(...counts)];
      const many = least === most ? (least === module.T ? `all ${most}` : least) : `${least} to ${most}`;
      const name = module.directions === 1 ? "" : direction ? "backward: " : "forward: ";
      return [`${name}${many} of ${module.T} steps read`.replace(`all ${module.T} of ${module.T}`, `all ${module.T}`)];
    });
    return found.join("; ");
  }

  function renderAnswers(said) {
    const { module } = reading;
    const box = element("div", { class: said.findings.length ? "verdict found" : "verdict" });
    if (said.findings.length) {
      box.append(element("h3", {}, "Where a layer gets this, rnnlint says"));
      const list = said.findings.map(([code, text]) => element("li", {}, ruleOf(code), ` ${text}`));
      box.append(element("ul", {}, ...list));
    } else {
      box.append(element("p", {}, "Where a layer gets this, rnnlint says nothing."));
    }
    const same = element("p", { class: "equals" });
    const others = meaning.equals(reading);
    if (others.length) {
      same.append(
        "The same states: ",
        ...others.flatMap((other, number) => (number ? [", ", way(other)] : [way(other)])),
      );
    } else if (!labels.same(reading.tensor, meaning.wanted(module).tensor)) {
      same.append("No other reading of the usual ones holds the same states.");
    }
    const answers = [box, ...(same.childNodes.length ? [same] : [])];
    if (labels.same(reading.tensor, meaning.wanted(module).tensor)) {
      answers.push(element("p", { class: "wanted-here" }, "This is the last layer's final state of every sample."));
    }
    at("answers").replaceChildren(...answers);
  }

  /** A code, leading to its page where this page stands on the site. */
  function ruleOf(code) {
    const page = scope.Explorer.verdicts.pages[code];
    const title = `rnnlint rule ${code}`;
    if (location.protocol === "file:") return element("strong", { title }, code);
    return element("a", { href: `../rules/${page}/`, title }, code);
  }

  /** A button that leads to a reading. */
  function way(other) {
    const button = element("button", { type: "button", class: "way" }, menu.expression(other));
    button.addEventListener("click", () => go(other));
    return button;
  }

  const GROUPS = {
    pick: "Pick one",
    slice: "Slice",
    split: "Write the axes apart",
    swap: "Transpose",
    reshape: "Reshape",
    reduce: "Mean or maximum",
    cat: "Put together",
  };

  function renderMenu(items, said) {
    const groups = Object.entries(GROUPS).flatMap(([group, title]) => {
      const offered = items.filter((item) => item.group === group);
      if (!offered.length) return [];
      // what is picked and sliced stands below the name of its axis
      const byAxis = group === "pick" || group === "slice";
      const axes = byAxis ? [...new Set(offered.map((item) => item.axis))] : [undefined];
      const lines = axes.map((axis) => {
        const named = byAxis ? [element("span", { class: "of" }, drawing.short(said.axes[axis]))] : [];
        const buttons = offered.filter((item) => !byAxis || item.axis === axis).map(buttonOf);
        return element("div", { class: "line" }, ...named, ...buttons);
      });
      return [
        element("div", { role: "group", "aria-label": title, class: "group" }, element("h3", {}, title), ...lines),
      ];
    });
    if (!groups.length) {
      groups.push(element("p", {}, "Nothing more is offered here. Go back by a click on one of the steps above."));
    }
    at("groups").replaceChildren(...groups);
  }

  function buttonOf(item) {
    const button = element(
      "button",
      { type: "button", "data-key": item.key, "aria-label": item.expression },
      added(reading, item.next),
    );
    button.addEventListener("click", () => go(item.next));
    return button;
  }

  function renderWanted(module) {
    const wanted = meaning.wanted(module);
    at("wanted-says").replaceChildren(way(wanted));
    at("wanted").replaceChildren(drawing.drawn(saying.said(wanted), module));
  }

  // ---- the grid by keyboard: one of its cells can be reached by Tab, the arrows go on from there

  /** Rows of what can be reached: the buttons of headers, and all cells. */
  function gridRows() {
    return [...at("drawing").querySelectorAll("tr")]
      .map((row) => [...row.querySelectorAll("th > button, td[data-key]")])
      .filter((row) => row.length);
  }

  function enterGrid() {
    const rows = gridRows();
    const first = rows.findIndex((row) => row.some((one) => one.matches("td")));
    focus = { row: first, column: rows[first].findIndex((one) => one.matches("td")) };
    rows[first][focus.column].tabIndex = 0;
  }

  function moveFocus(row, column) {
    const rows = gridRows();
    rows.flat().forEach((one) => (one.tabIndex = -1));
    const next = Math.min(Math.max(row, 0), rows.length - 1);
    // the last column may have fewer names than cells above and below; cells are counted from the right
    const fromRight = rows[focus.row].length - column;
    const place = row === focus.row ? column : rows[next].length - fromRight;
    focus = { row: next, column: Math.min(Math.max(place, 0), rows[next].length - 1) };
    const target = rows[focus.row][focus.column];
    target.tabIndex = 0;
    target.focus();
  }

  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function listenToGrid() {
    at("drawing").addEventListener("keydown", (event) => {
      const by = ARROWS[event.key];
      if (by) moveFocus(focus.row + by[0], focus.column + by[1]);
      else if (event.key === "Home") moveFocus(focus.row, 0);
      else if (event.key === "End") moveFocus(focus.row, gridRows()[focus.row].length - 1);
      else return;
      event.preventDefault();
    });
    at("drawing").addEventListener("focusin", (event) => {
      const rows = gridRows();
      const row = rows.findIndex((one) => one.includes(event.target));
      if (row >= 0) focus = { row, column: rows[row].indexOf(event.target) };
      detail(event.target.closest("td[data-key]"));
    });
    at("drawing").addEventListener("pointerover", (event) => detail(event.target.closest("td[data-key]")));
    for (const gone of ["focusout", "pointerleave"]) {
      at("drawing").addEventListener(gone, () => (at("detail").textContent = summary(saying.said(reading))));
    }
  }

  /** What stands in a cell, in words below the drawing. */
  function detail(cell) {
    if (cell) at("detail").textContent = `[${cell.dataset.place}]: ${cell.dataset.said}`;
  }

  makeControls();
  listenToGrid();
  addEventListener("hashchange", arrive);
  arrive();
})(globalThis);
