/* Tensors whose elements say which states they hold, and torch's operations on them.

   Nothing here knows what an axis means: an operation moves elements, as torch does, and what an axis is can be read
   off the elements afterwards (meaning.js).  rnnlint itself works the other way round, on what the axes mean; a test holds
   the one against the other for every reading of this page.

   A state is one number: its coordinates as the digits of it.  An element is the rising list of the states that it
   reads: one, or several after a mean.  A tensor is its shape and its elements in row-major order. */

"use strict";

((scope) => {
  const BASE = 16; // no layer, step, sample or unit of this page has a number of more than one such digit
  const ROLES = ["layer", "direction", "sample", "step", "unit"]; // in the order in which rnnlint names them
  const KINDS = ["hidden", "cell"];

  /** The number of a state; its unit is the last digit, so that dropping it is one division. */
  function encode(kind, layer, direction, sample, step, unit) {
    return [layer, direction, sample, step, unit].reduce((sum, digit) => sum * BASE + digit, kind);
  }

  /** The coordinates of a state, by role, and its kind. */
  function decode(state) {
    const found = {};
    let rest = state;
    for (const role of [...ROLES].reverse()) {
      found[role] = rest % BASE;
      rest = Math.floor(rest / BASE);
    }
    found.kind = KINDS[rest];
    return found;
  }

  const butUnit = (state) => Math.floor(state / BASE);

  const product = (sizes) => sizes.reduce((total, size) => total * size, 1);

  /** A tensor of a shape, each element made from its index. */
  function tensor(shape, element) {
    const data = [];
    const index = shape.map(() => 0);
    for (let number = 0; number < product(shape); number += 1) {
      data.push(element(index));
      for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
        index[axis] += 1;
        if (index[axis] < shape[axis]) break;
        index[axis] = 0;
      }
    }
    return { shape, data };
  }

  /** The element at an index. */
  function at(held, index) {
    let number = 0;
    for (let axis = 0; axis < index.length; axis += 1) number = number * held.shape[axis] + index[axis];
    return held.data[number];
  }

  const finalStep = (module, direction) => (direction ? 0 : module.T - 1);

  /** What the module returns, by the tables "Outputs" of torch's documentation; c_n of an LSTM alone. */
  function results(module) {
    const { N, T, H, layers, directions } = module;
    const shape = module.batchFirst ? [N, T, directions * H] : [T, N, directions * H];
    const output = tensor(shape, ([first, second, feature]) => {
      const [sample, step] = module.batchFirst ? [first, second] : [second, first];
      return [encode(0, layers - 1, Math.floor(feature / H), sample, step, feature % H)];
    });
    const last = (kind) =>
      tensor([layers * directions, N, H], ([row, sample, unit]) => {
        const direction = row % directions;
        const layer = Math.floor(row / directions);
        return [encode(kind, layer, direction, sample, finalStep(module, direction), unit)];
      });
    return { output, h_n: last(0), ...(module.cell === "LSTM" ? { c_n: last(1) } : {}) };
  }

  const without = (list, place) => [...list.slice(0, place), ...list.slice(place + 1)];
  const withAt = (list, place, value) => [...list.slice(0, place), value, ...list.slice(place)];

  /** `held[:, place]`, on any axis. */
  function pick(held, axis, place) {
    return tensor(without(held.shape, axis), (index) => at(held, withAt(index, axis, place)));
  }

  /** `held[:, start:stop:step]`, on any axis. */
  function slice(held, axis, start, stop, step) {
    const shape = held.shape.map((size, number) => (number === axis ? Math.ceil((stop - start) / step) : size));
    return tensor(shape, (index) =>
      at(
        held,
        index.map((place, number) => (number === axis ? start + step * place : place)),
      ),
    );
  }

  /** `held.transpose(one, other)`. */
  function transpose(held, one, other) {
    const swapped = (list) =>
      list.map((value, number) => (number === one ? list[other] : number === other ? list[one] : value));
    return tensor(swapped(held.shape), (index) => at(held, swapped(index)));
  }

  /** `held.reshape(shape)`: the elements stay in their order. */
  const reshape = (held, shape) => ({ shape, data: held.data });

  /** `torch.cat(parts, axis)`. */
  function cat(parts, axis) {
    const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return tensor(
      without(parts[0].shape, axis).length === 0 ? [total] : withAt(without(parts[0].shape, axis), axis, total),
      (index) => {
        let place = index[axis];
        for (const part of parts) {
          if (place < part.shape[axis]) return at(part, withAt(without(index, axis), axis, place));
          place -= part.shape[axis];
        }
        throw new RangeError("no such element");
      },
    );
  }

  /** `held.mean(axis)` or `held.amax(axis)`: each element reads all states along the axis. */
  function reduce(held, axis) {
    return tensor(without(held.shape, axis), (index) => {
      const found = new Set();
      for (let place = 0; place < held.shape[axis]; place += 1) {
        for (const state of at(held, withAt(index, axis, place))) found.add(state);
      }
      return [...found].sort((one, other) => one - other);
    });
  }

  /** Whether two tensors hold the same states in the same places. */
  function same(one, other) {
    return (
      one.shape.join() === other.shape.join() &&
      one.data.every((states, number) => states.join() === other.data[number].join())
    );
  }

  /** The steps that states of one direction have read: by their own recurrence, or only through the layers below.

      A forward state has read the steps up to its own, a backward one those from its own on; the layer below a
      bidirectional one hands it both directions at every step, which together have read everything. */
  function strip(module, states) {
    const all = states.map(decode);
    const steps = all.map((one) => one.step);
    const [first, last] = all[0].direction ? [Math.min(...steps), module.T - 1] : [0, Math.max(...steps)];
    const below = module.directions === 2 && all.some((one) => one.layer > 0);
    return Array.from({ length: module.T }, (_, step) =>
      step >= first && step <= last ? "own" : below ? "below" : "no",
    );
  }

  scope.Explorer = {
    ...scope.Explorer,
    labels: {
      ROLES,
      decode,
      butUnit,
      product,
      at,
      tensor,
      finalStep,
      results,
      pick,
      slice,
      transpose,
      reshape,
      cat,
      reduce,
      same,
      strip,
    },
  };
})(globalThis);
