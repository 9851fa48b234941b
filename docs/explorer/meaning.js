/* What a tensor of states means, read off its elements: what runs along each axis, which cells it has, what else holds
   the same.  The words for axes are those of rnnlint. */

"use strict";

((scope) => {
  const { labels, menu } = scope.Explorer;
  const { ROLES } = labels;

  const distinct = (values) => [...new Set(values)].sort((one, other) => one - other);

  /** How many positions each role has. */
  function extents(module) {
    return { layer: module.layers, direction: module.directions, sample: module.N, step: module.T, unit: module.H };
  }

  /** The coordinates of every element: those of the first state that it reads, and how many of each role it reads.

      `final`: every state stands at the end of its direction, and directions are not all one.  Then the step says
      nothing besides, and counts as 0 (as in rnnlint: "step: final"). */
  function coordinates(module, tensor) {
    const all = tensor.data.map((states) => states.map(labels.decode));
    const flat = all.flat();
    const directions = new Set(flat.map((one) => one.direction));
    const final = directions.size > 1 && flat.every((one) => one.step === labels.finalStep(module, one.direction));
    const taken = {};
    for (const role of ROLES) taken[role] = all.map((states) => distinct(states.map((one) => one[role])));
    const steps = taken.step;
    if (final) taken.step = all.map(() => [0]);
    return { first: ROLES.map((role) => taken[role].map((places) => places[0])), taken, steps, final };
  }

  /** The strides of row-major order. */
  function strides(shape) {
    const found = shape.map(() => 1);
    for (let axis = shape.length - 2; axis >= 0; axis -= 1) found[axis] = found[axis + 1] * shape[axis + 1];
    return found;
  }

  /** The factors of an axis, slowest first, each moving one role by a stride; null where there are none such. */
  function factors(first, size, jump) {
    const moved = (place) => first.map((places) => places[place * jump] - places[0]);
    const found = [];
    let inner = 1;
    while (inner < size) {
      const by = moved(inner);
      const moving = by.flatMap((distance, role) => (distance ? [role] : []));
      if (moving.length !== 1) return null;
      let extent = 1;
      while (inner * extent < size && moved(inner * extent).every((far, role) => far === by[role] * extent))
        extent += 1;
      if (size % (inner * extent)) return null;
      found.unshift({ role: ROLES[moving[0]], extent, stride: by[moving[0]] });
      inner *= extent;
    }
    return found;
  }

  /** What each factor adds, for every position along its axis. */
  function offsets(axis, size) {
    return Array.from({ length: size }, (_, place) => {
      const found = Object.fromEntries(ROLES.map((role) => [role, 0]));
      let rest = place;
      for (const factor of [...axis].reverse()) {
        found[factor.role] += factor.stride * (rest % factor.extent);
        rest = Math.floor(rest / factor.extent);
      }
      return found;
    });
  }

  /** The factors of all axes; null for all where the elements do not stand as they say: something was cut. */
  function arranged(tensor, seen) {
    const { shape } = tensor;
    const jumps = strides(shape);
    const axes = shape.map((size, axis) => factors(seen.first, size, jumps[axis]));
    if (axes.includes(null)) return null;
    const added = axes.map((axis, number) => offsets(axis, shape[number]));
    const stands = tensor.data.every((_, number) =>
      ROLES.every((role, place) => {
        let total = seen.first[place][0];
        shape.forEach((size, axis) => (total += added[axis][Math.floor(number / jumps[axis]) % size][role]));
        const { [role]: taken } = seen.taken;
        return (
          seen.first[place][number] === total &&
          taken[number].every((one, n) => one - total === taken[0][n] - taken[0][0])
        );
      }),
    );
    return stands ? axes : null;
  }

  const FORWARD = "[fwd|bwd]";
  const BACKWARD = "[bwd|fwd]";

  /** `[start:stop:step]` as Python writes it, "" where it is all of a role.  Only directions are ever turned round. */
  function sliced(start, extent, stride, whole) {
    const end = start + stride * (extent - 1);
    const lower = start ? String(start) : "";
    const upper = end + stride >= whole ? "" : String(end + 1);
    return !lower && !upper && stride === 1 ? "" : `[${lower}:${upper}${stride === 1 ? "" : `:${stride}`}]`;
  }

  /** The words for the factors of one role, in the order in which they stand. */
  function factorNames(role, several, start, whole) {
    if (several.length === 1) {
      const [{ extent, stride }] = several;
      if (role === "direction") return [role + (stride > 0 ? FORWARD : BACKWARD)];
      return [role + sliced(start, extent, stride, whole)];
    }
    const least = Math.min(...several.map((one) => one.stride));
    const most = Math.max(...several.map((one) => one.stride));
    if (labels.product(several.map((one) => one.extent)) === whole) {
      // digits of the position
      return several.map(
        ({ extent, stride }) => role + (stride > least ? `//${stride}` : "") + (stride < most ? `%${extent}` : ""),
      );
    }
    // what each adds to the position, the first of them from where all begin
    return several.map(({ extent, stride }, number) => {
      const begin = number ? 0 : start;
      const by = stride === 1 ? "" : `:${stride}`;
      return `+${role}[${begin}:${begin + stride * (extent - 1) + 1}${by}]`;
    });
  }

  /** The name of an axis: its factors, slowest first; the order of directions last where the direction is slowest. */
  function axisName(words) {
    const joint = words.join("*") || "1";
    for (const order of [FORWARD, BACKWARD]) {
      if (words.length && words[0].endsWith(order) && words.slice(1).every((one) => /^\w+$/.test(one))) {
        return joint.replace(order, "") + order;
      }
    }
    return joint;
  }

  /** The roles of which an element reads several, as factors. */
  function reduced(seen) {
    return ROLES.flatMap((role) => {
      const places = seen.taken[role][0];
      return places.length > 1 ? [{ role, extent: places.length, stride: places[1] - places[0] }] : [];
    });
  }

  /** What a reading is: names of its axes, a sentence, and the roles that were cut. */
  function meaning(reading) {
    const { module, tensor, name } = reading;
    const seen = coordinates(module, tensor);
    const axes = arranged(tensor, seen);
    if (!axes) return cutMeaning(reading, seen);
    const held = reduced(seen);
    const whole = extents(module);
    const words = Object.fromEntries(
      ROLES.map((role, place) => {
        const several = [...axes.flat(), ...held].filter((one) => one.role === role);
        return [role, several.length ? factorNames(role, several, seen.first[place][0], whole[role]) : []];
      }),
    );
    const next = Object.fromEntries(ROLES.map((role) => [role, 0]));
    const written = (factor) => words[factor.role][next[factor.role]++];
    const names = axes.map((axis) => axisName(axis.map(written)));
    const over = held.map(written).map((one) => one.replace(FORWARD, ""));
    const still = ROLES.flatMap((role, place) => {
      if (role === "step" && seen.final) return ["step: final"];
      if (words[role].length || whole[role] === 1) return [];
      const position = seen.first[place][0];
      if (role === "direction") return [`direction: ${position ? "backward" : "forward"}`];
      return [`${role}: ${position === whole[role] - 1 ? "last" : position}`];
    });
    const said = [`(${names.join(", ")}) of ${name}`, ...still, ...(over.length ? [`over ${over.join(", ")}`] : [])];
    const cut = ROLES.filter((role) => axes.filter((axis) => axis.some((one) => one.role === role)).length > 1);
    return { axes: names, says: said.join(", "), cut };
  }

  /** The roles whose coordinate changes along an axis, by what each element takes of them. */
  function changing(tensor, taken, axis) {
    const jump = strides(tensor.shape)[axis];
    const size = tensor.shape[axis];
    return ROLES.filter((role) =>
      tensor.data.some((_, number) => {
        const place = Math.floor(number / jump) % size;
        return place > 0 && taken[role][number].join() !== taken[role][number - jump].join();
      }),
    );
  }

  function cutMeaning(reading, seen) {
    const { tensor, name } = reading;
    const along = tensor.shape.map((_, axis) => changing(tensor, { ...seen.taken, step: seen.steps }, axis));
    const cut = ROLES.filter((role) => along.filter((roles) => roles.includes(role)).length > 1);
    const names = along.map((roles) => {
      // a final step goes with its direction, and is no piece of its own
      const named = roles.filter((role) => role !== "step" || !seen.final);
      const pieces = named.filter((role) => cut.includes(role));
      const whole = named.filter((role) => !cut.includes(role));
      return [...(pieces.length ? [`pieces of ${pieces.join("+")}`] : []), ...whole].join("*") || "1";
    });
    const said = [`(${names.join(", ")}) of ${name}`, ...(seen.final ? ["step: final"] : [])];
    return { axes: names, says: said.join(", "), cut };
  }

  /** Where the groups of elements along an axis begin and end: those of one differ in their units alone. */
  function bands(tensor, axis) {
    const jump = strides(tensor.shape)[axis];
    const size = tensor.shape[axis];
    const shown = tensor.data.map((states) => [...new Set(states.map(labels.butUnit))].join());
    const begins = [0];
    for (let place = 1; place < size; place += 1) {
      const differs = shown.some(
        (one, number) => Math.floor(number / jump) % size === place && one !== shown[number - jump],
      );
      if (differs) begins.push(place);
    }
    return begins.map((begin, number) => [begin, number + 1 < begins.length ? begins[number + 1] : size]);
  }

  /** States as parts that each are all of some layers, samples and steps of one kind and direction. */
  function parts(module, states) {
    const split = (several, roles) => {
      const all = several.map(labels.decode);
      const sets = Object.fromEntries(ROLES.map((role) => [role, distinct(all.map((one) => one[role]))]));
      const full = ROLES.reduce((total, role) => total * sets[role].length, 1);
      if (full === several.length) {
        return [{ kind: all[0].kind, ...sets, direction: all[0].direction, strip: labels.strip(module, several) }];
      }
      const [role, ...others] = roles;
      return sets[role].flatMap((place) =>
        split(
          several.filter((_, n) => all[n][role] === place),
          others,
        ),
      );
    };
    return distinct(states.map((one) => labels.decode(one).direction)).flatMap((direction) =>
      split(
        states.filter((one) => labels.decode(one).direction === direction),
        ["layer", "sample", "step", "unit"],
      ),
    );
  }

  /** The cells of a tensor: for each its place along every axis, and the states that its elements read. */
  function cells(module, tensor) {
    const groups = tensor.shape.map((_, axis) => bands(tensor, axis));
    const index = labels.tensor(
      groups.map((one) => one.length),
      (places) => [...places],
    );
    return {
      bands: groups,
      cells: index.data.map((places) => {
        const place = places.map((number, axis) => groups[axis][number]);
        const inner = labels.tensor(
          place.map(([begin, end]) => end - begin),
          (offset) =>
            labels.at(
              tensor,
              offset.map((one, axis) => one + place[axis][0]),
            ),
        );
        return { index: places, place, parts: parts(module, distinct(inner.data.flat())) };
      }),
    };
  }

  const remembered = new Map(); // of the last module: a page and a walk ask for the same ones again and again

  /** Readings that people ask about, found through the menu, which gives each of them its link. */
  function known(module) {
    const key = JSON.stringify(module);
    if (!remembered.has(key)) {
      remembered.clear();
      remembered.set(key, findKnown(module));
    }
    return remembered.get(key);
  }

  function findKnown(module) {
    const names = Object.keys(labels.results(module));
    const axis = module.batchFirst ? 1 : 0;
    const [first, last] = [`pick.${axis}.0`, `pick.${axis}.${module.T - 1}`];
    const found = names.map((name) => [name]);
    found.push(["output", first], ["output", last]);
    if (module.directions === 2) {
      found.push(["output", last, "half.0"], ["output", first, "half.1"], ["h_n", "cat.last"]);
    }
    const rows = module.layers * module.directions;
    for (const name of names.slice(1)) {
      for (let row = 0; row < rows; row += 1) found.push([name, `pick.0.${row}`]);
    }
    return found.map(([name, ...keys]) => menu.follow(module, name, keys));
  }

  /** The known readings that hold the same states, by other words. */
  function equals(reading) {
    const written = menu.expression(reading);
    return known(reading.module).filter(
      (other) => menu.expression(other) !== written && labels.same(other.tensor, reading.tensor),
    );
  }

  /** The last layer's final states of every sample. */
  function wanted(module) {
    return module.directions === 2
      ? menu.follow(module, "h_n", ["cat.last"])
      : menu.follow(module, "h_n", [`pick.0.${module.layers - 1}`]);
  }

  scope.Explorer = { ...scope.Explorer, meaning: { meaning, bands, cells, equals, wanted } };
})(globalThis);
