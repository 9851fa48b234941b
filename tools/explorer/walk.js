/* What the explorer page says of readings, one JSON a line: `node walk.js FOLDER EVERY FIRST [MODULE...]`.

   FOLDER has the page's scripts; of all readings of the modules with these numbers (of all, where none is named)
   every EVERY-th is said, from number FIRST on. */

"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [folder, every, first, ...numbers] = process.argv.slice(2);
for (const name of ["labels", "menu", "meaning", "verdicts", "saying", "link"])
  require(path.resolve(folder, `${name}.js`));
const { menu, saying, link } = globalThis.Explorer;

const all = menu.modules();
const chosen = numbers.length ? numbers.map((number) => all[Number(number)]) : all;
let count = 0;
let lines = [];
for (const module of chosen) {
  for (const reading of menu.readings(module)) {
    if (count % Number(every) === Number(first)) {
      const address = link.written(reading);
      const { reading: back, wrong } = link.read(address);
      const linked = wrong || menu.expression(back);
      lines.push(JSON.stringify({ module, ...saying.said(reading), address, linked }));
    }
    count += 1;
  }
  // not process.stdout, which keeps in memory what its reader has not come to
  let left = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  while (left.length) left = left.subarray(fs.writeSync(1, left));
  lines = [];
}
