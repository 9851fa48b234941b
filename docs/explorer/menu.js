/* Which readings the page can reach: modules and sizes, and what can be done to a reading, as finite lists.

   A reading is `output`, `h_n` or `c_n` and the steps taken from there.  The page offers `menu(...)` and nothing else,
   a link is followed through it, and the tests go through all of it (`readings`). */

"use strict";

((scope) => {
  const labels = scope.Explorer.labels;

  /** What can be chosen of a module; the first of each is what the page begins with. */
  const CHOICES = {
    cell: ["LSTM", "GRU", "RNN"],
    layers: [1, 2],
    directions: [2, 1],
    batchFirst: [true, false],
    N: [3, 2],
    T: [5, 3],
    H: [4, 2],
  };

  const MOST_STEPS = 3; // beside "split", which only writes h_n in the axes that it is made of
  const PICKS = 2; // of one reading; all else is done once, so that the readings are few enough to be tested, every one

  /** Every module with its sizes. */
  function modules() {
    return Object.entries(CHOICES).reduce(
      (found, [name, values]) => found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
      [{}],
    );
  }

  /** The constructor call, as one writes it. */
  function constructor(module) {
    const found = ["I", "H"];
    if (module.layers > 1) found.push(`num_layers=${module.layers}`);
    if (module.batchFirst) found.push("batch_first=True");
    if (module.directions === 2) found.push("bidirectional=True");
    return `nn.${module.cell}(${found.join(", ")})`;
  }

  /** A reading as it comes from the module. */
  function start(module, name) {
    const tensor = labels.results(module)[name];
    return { module, name, steps: [], tensor, base: name, subscript: tensor.shape.map(() => ":") };
  }

  /** `base[subscript]`, without what a subscript need not say. */
  function expression(reading) {
    const written = [...reading.subscript];
    while (written.length && written[written.length - 1] === ":") written.pop();
    return written.length ? `${reading.base}[${written.join(", ")}]` : reading.base;
  }

  /** The subscript with another entry for an axis of the tensor, and the base that it belongs to.

      Picked axes are gone; one that is sliced already takes a subscript of its own behind the first. */
  function subscripted(reading, axis, entry) {
    const open = [...reading.subscript.keys()].filter((number) => !/^-?\d+$/.test(reading.subscript[number]));
    if (reading.subscript[open[axis]] === ":") {
      return { base: reading.base, subscript: reading.subscript.map((old, n) => (n === open[axis] ? entry : old)) };
    }
    return { base: expression(reading), subscript: open.map((_, number) => (number === axis ? entry : ":")) };
  }

  function called(tensor, base) {
    return { tensor, base, subscript: tensor.shape.map(() => ":") };
  }

  /** Positions as one writes them: from the end where that is nearer, and in the stack of h_n, where -1 is the last. */
  function written(place, size, stack) {
    return String(stack || place >= Math.max(size - 2, size / 2) ? place - size : place);
  }

  function picks(reading) {
    const { tensor } = reading;
    const rank = tensor.shape.length;
    const found = [];
    if (rank < 3) return found;
    const stack = reading.name !== "output" && reading.steps.length === 0;
    tensor.shape.forEach((size, axis) => {
      const first = reading.steps.length === 0;
      // of the features only the last one, and of what was already taken from the results the ends of an axis: more of
      // them show nothing new
      if (axis === rank - 1 && !first) return;
      const places = axis === rank - 1 ? [size - 1] : first ? [...Array(size).keys()] : [0, size - 1];
      for (const place of places) {
        found.push({
          key: `pick.${axis}.${place}`,
          axis,
          place,
          apply: () => ({
            tensor: labels.pick(tensor, axis, place),
            ...subscripted(reading, axis, written(place, size, stack && axis === 0)),
          }),
        });
      }
    });
    return found;
  }

  function slices(reading) {
    const { tensor, module } = reading;
    const rank = tensor.shape.length;
    const found = [];
    const add = (key, axis, entry, first, stop, by = 1) =>
      found.push({
        key,
        axis,
        apply: () => ({ tensor: labels.slice(tensor, axis, first, stop, by), ...subscripted(reading, axis, entry) }),
      });
    if (module.directions === 2 && tensor.shape[rank - 1] === 2 * module.H) {
      add("half.0", rank - 1, ":H", 0, module.H);
      add("half.1", rank - 1, "H:", module.H, 2 * module.H);
    }
    const rows = tensor.shape[0];
    if (reading.steps.length === 0 && reading.name === "output") {
      add("rest.0", 0, "1:", 1, tensor.shape[0]);
      add("rest.1", 1, "1:", 1, tensor.shape[1]);
    }
    if (reading.steps.length === 0 && reading.name !== "output" && rows > 2) {
      add("rows.last", 0, "-2:", rows - 2, rows);
      add("rows.even", 0, "::2", 0, rows, 2);
      add("rows.odd", 0, "1::2", 1, rows, 2);
    }
    return found;
  }

  function swaps(reading) {
    const { tensor } = reading;
    const pairs =
      {
        3: [
          [0, 1],
          [1, 2],
        ],
        4: [
          [0, 1],
          [0, 2],
          [1, 2],
        ],
      }[tensor.shape.length] || [];
    return pairs.map(([one, other]) => ({
      key: `swap.${one}.${other}`,
      apply: () => called(labels.transpose(tensor, one, other), `${expression(reading)}.transpose(${one}, ${other})`),
    }));
  }

  function reshapes(reading) {
    const { tensor, module } = reading;
    const { shape } = tensor;
    const total = labels.product(shape);
    const found = [];
    const add = (key, sizes, text) => {
      if (sizes.join() === shape.join()) return; // it has that shape
      found.push({ key, apply: () => called(labels.reshape(tensor, sizes), `${expression(reading)}.${text}`) });
    };
    const merged = (from, to) => [
      ...shape.slice(0, from),
      labels.product(shape.slice(from, to + 1)),
      ...shape.slice(to + 1),
    ];
    if (shape.length > 2) {
      add("flat.1", merged(1, shape.length - 1), "flatten(1)");
      add("flat.0", merged(0, 1), "flatten(0, 1)");
    }
    if (shape.length === 4) {
      add("flat.mid", merged(1, 2), "flatten(1, 2)");
      add("flat.2", merged(2, 3), "flatten(2)");
    }
    if (total % module.N === 0) add("rows.N", [module.N, total / module.N], "reshape(N, -1)");
    const wide = module.directions * module.H;
    if (module.directions === 2 && shape.length > 2 && shape[shape.length - 1] === module.H && total % wide === 0) {
      add("rows.DH", [total / wide, wide], "reshape(-1, D * H)");
    }
    return found;
  }

  function reductions(reading) {
    const { tensor } = reading;
    if (tensor.shape.length < 3) return [];
    const methods = [["mean", "mean"]];
    if (!reading.steps.length) methods.push(["max", "amax"]); // which reads the same states
    return [...Array(tensor.shape.length - 1).keys()].flatMap((axis) =>
      methods.map(([key, method]) => ({
        key: `${key}.${axis}`,
        axis,
        apply: () => called(labels.reduce(tensor, axis), `${expression(reading)}.${method}(${axis})`),
      })),
    );
  }

  function cats(reading) {
    const { tensor, module, name } = reading;
    const found = [];
    const add = (key, parts, axis, text) =>
      found.push({ key, apply: () => called(labels.cat(parts, axis < 0 ? parts[0].shape.length - 1 : axis), text) });
    const row = (place) => labels.pick(tensor, 0, (place + tensor.shape[0]) % tensor.shape[0]);
    if (tensor.shape.length === 3 && tensor.shape[0] === 2 && module.directions === 2) {
      add("cat.unbind", [row(0), row(1)], -1, `torch.cat(${expression(reading)}.unbind(0), -1)`);
    }
    if (reading.steps.length || module.directions === 1) return found;
    if (name === "output") {
      const axis = module.batchFirst ? 1 : 0;
      const ends = [labels.pick(tensor, axis, module.T - 1), labels.pick(tensor, axis, 0)];
      const halves = [labels.slice(ends[0], 1, 0, module.H, 1), labels.slice(ends[1], 1, module.H, 2 * module.H, 1)];
      const text = module.batchFirst ? "output[:, -1, :H], output[:, 0, H:]" : "output[-1, :, :H], output[0, :, H:]";
      add("cat.ends", halves, -1, `torch.cat((${text}), -1)`);
      return found;
    }
    add("cat.last", [row(-2), row(-1)], -1, `torch.cat((${name}[-2], ${name}[-1]), -1)`);
    add("cat.turned", [row(-1), row(-2)], -1, `torch.cat((${name}[-1], ${name}[-2]), -1)`);
    add("cat.below", [row(-2), row(-1)], 0, `torch.cat((${name}[-2], ${name}[-1]), 0)`);
    if (tensor.shape[0] > 2) add("cat.first", [row(0), row(1)], -1, `torch.cat((${name}[0], ${name}[1]), -1)`);
    return found;
  }

  function splits(reading) {
    const { tensor, module, name } = reading;
    if (reading.steps.length || (module.directions === 1 && (name === "output" || module.layers === 1))) return [];
    const { N, T, H, layers, directions } = module;
    const [sizes, text] =
      name !== "output"
        ? [[layers, directions, N, H], "L, D, N, H"]
        : module.batchFirst
          ? [[N, T, directions, H], "N, T, D, H"]
          : [[T, N, directions, H], "T, N, D, H"];
    return [{ key: "split", apply: () => called(labels.reshape(tensor, sizes), `${name}.reshape(${text})`) }];
  }

  /** The groups of the menu, in the order in which the page shows them. */
  const GROUPS = {
    pick: picks,
    slice: slices,
    swap: swaps,
    split: splits,
    reshape: reshapes,
    reduce: reductions,
    cat: cats,
  };

  /** Whether a group is offered after others.

      In the axes that h_n is made of there is more to do than anybody looks at: there the order is picks and means,
      then a transpose, then a reshape or cat, then a half of the features. */
  function isOffered(group, done) {
    if (done.filter((one) => one === group).length >= (group === "pick" ? PICKS : 1)) return false;
    if (done[0] !== "split") return true;
    const stage = { pick: 1, reduce: 2, swap: 3, reshape: 4, cat: 4, slice: 5 };
    return done.slice(1).every((one) => stage[one] < stage[group] || (one === "pick" && group === "pick"));
  }

  /** What can be done to a reading: the group, the key that a link has for it, and the reading that it leads to. */
  function menu(reading) {
    const done = reading.steps.map((step) => step.group);
    if (done.filter((group) => group !== "split").length >= MOST_STEPS) return [];
    return Object.entries(GROUPS).flatMap(([group, offer]) => {
      if (!isOffered(group, done)) return [];
      return offer(reading).map((one) => ({
        ...one,
        group,
        leads: () => {
          const { module, name } = reading;
          return { module, name, ...one.apply(), steps: [...reading.steps, { group, key: one.key }] };
        },
      }));
    });
  }

  /** The reading at the end of a path of keys; null where the menu does not have one of them. */
  function follow(module, name, keys) {
    if (!Object.hasOwn(labels.results(module), name)) return null;
    let reading = start(module, name);
    for (const key of keys) {
      const item = menu(reading).find((one) => one.key === key);
      if (!item) return null;
      reading = item.leads();
    }
    return reading;
  }

  /** The same reading of another module, as far as its menus have it; the last of an axis is again the last. */
  function carried(reading, module) {
    const name = Object.hasOwn(labels.results(module), reading.name) ? reading.name : "h_n";
    let old = start(reading.module, reading.name);
    let found = start(module, name);
    for (const { key } of reading.steps) {
      const done = menu(old).find((one) => one.key === key);
      const last = done.group === "pick" && done.place === old.tensor.shape[done.axis] - 1;
      const wanted = last ? `pick.${done.axis}.${found.tensor.shape[done.axis] - 1}` : key;
      const item = menu(found).find((one) => one.key === wanted);
      if (!item) break;
      found = item.leads();
      old = done.leads();
    }
    return found;
  }

  /** Every reading of a module that the page can reach. */
  function* readings(module) {
    for (const name of Object.keys(labels.results(module))) yield* readingsFrom(start(module, name));
  }

  function* readingsFrom(reading) {
    yield reading;
    for (const item of menu(reading)) yield* readingsFrom(item.leads());
  }

  scope.Explorer = {
    ...scope.Explorer,
    menu: { CHOICES, modules, constructor, start, expression, menu, follow, carried, readings, readingsFrom },
  };
})(globalThis);
