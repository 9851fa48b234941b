/* A reading as the part of an address behind #, and back.  What stands there may come from anybody. */

"use strict";

((scope) => {
  const { menu } = scope.Explorer;
  const LONGEST = 500; // characters: the longest link of this page has a third of it
  const SHOWN = 40; // characters of what is wrong

  /** `#cell=LSTM&...&read=output/pick.1.4`. */
  function written(reading) {
    const choices = Object.keys(menu.CHOICES).map((name) => `${name}=${reading.module[name]}`);
    return `#${[...choices, `read=${[reading.name, ...reading.steps.map((step) => step.key)].join("/")}`].join("&")}`;
  }

  /** What the page begins with. */
  const first = () => Object.fromEntries(Object.entries(menu.CHOICES).map(([name, values]) => [name, values[0]]));

  const clipped = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);

  /** The reading of a link, and "" or one line that says what is wrong with it; then the reading is the first one.

      A choice that is left out is the first of its kind. */
  function read(hash) {
    const module = first();
    const refused = (what) => ({
      reading: menu.start(first(), "output"),
      wrong: `This link asks for ${clipped(what)}, which this page does not have. Below is the page as it begins.`,
    });
    const text = hash.replace(/^#/, "");
    if (text.length > LONGEST) return refused(`something of ${text.length} characters`);
    let way = ["output"];
    for (const [name, value] of new URLSearchParams(text)) {
      if (name === "read") {
        way = value.split("/");
      } else {
        const values = Object.hasOwn(menu.CHOICES, name) ? menu.CHOICES[name] : [];
        const chosen = values.find((one) => String(one) === value);
        if (chosen === undefined) return refused(`${name}=${value}`);
        module[name] = chosen;
      }
    }
    const reading = menu.follow(module, way[0], way.slice(1));
    return reading ? { reading, wrong: "" } : refused(`read=${way.join("/")}`);
  }

  scope.Explorer = { ...scope.Explorer, link: { written, read } };
})(globalThis);
