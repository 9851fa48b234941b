/* All that is said of a reading, as plain data: what the page draws, and what the tests compare with rnnlint. */

"use strict";

((scope) => {
  const { menu, meaning, verdicts } = scope.Explorer;
  const WITH_ARTICLE = { LSTM: "an LSTM", GRU: "a GRU", RNN: "an RNN" };

  /** The numbers of a sequence, as tools/explorer/verdicts.py packs them. */
  function unpacked(sequence) {
    return sequence.split(" ").flatMap((run) => {
      const [number, count] = run.split("*").map((digits) => parseInt(digits, 36));
      return Array(count || 1).fill(number);
    });
  }

  const path = (reading) => reading.steps.map((step) => step.key).join("/");
  const remembered = new Map();

  /** The verdict's number for every path from a result of a module. */
  function verdictsFrom(module, name) {
    const key = [...Object.keys(menu.CHOICES).map((choice) => module[choice]), name].join(" ");
    if (!remembered.has(key)) {
      const paths = [...menu.readingsFrom(menu.start(module, name))].map(path);
      const sequence = unpacked(verdicts.sequences[verdicts.of[key]] ?? "0");
      remembered.clear();
      remembered.set(key, new Map(paths.map((one, number) => [one, sequence[number]])));
    }
    return remembered.get(key);
  }

  /** What rnnlint says where a layer gets the reading: pairs of a code and a text. */
  function findings(reading) {
    const { module, name } = reading;
    const number = verdictsFrom(module, name).get(path(reading));
    return (verdicts.verdicts[number] ?? []).map((one) => {
      const [code, text] = verdicts.findings[one];
      return [code, text.replaceAll("{a cell}", WITH_ARTICLE[module.cell]).replaceAll("{cell}", module.cell)];
    });
  }

  /** The command that asks rnnlint the same. */
  function command(reading) {
    const { module } = reading;
    const options = [`--${module.cell.toLowerCase()}`];
    if (module.layers > 1) options.push(`--layers ${module.layers}`);
    if (module.directions === 2) options.push("--bidirectional");
    if (module.batchFirst) options.push("--batch-first");
    const sizes = `--sizes N=${module.N},T=${module.T},H=${module.H}`;
    return `rnnlint show "${menu.expression(reading)}" ${options.join(" ")} ${sizes}`;
  }

  /** Everything about a reading. */
  function said(reading) {
    const { module, tensor } = reading;
    return {
      name: reading.name,
      keys: reading.steps.map((step) => step.key),
      expression: menu.expression(reading),
      constructor: menu.constructor(module),
      shape: tensor.shape,
      ...meaning.meaning(reading),
      ...meaning.cells(module, tensor),
      equals: meaning.equals(reading).map(menu.expression),
      wanted: menu.expression(meaning.wanted(module)),
      findings: findings(reading),
      command: command(reading),
    };
  }

  scope.Explorer = { ...scope.Explorer, saying: { said } };
})(globalThis);
