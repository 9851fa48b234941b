"use strict";
globalThis.Explorer = { ...globalThis.Explorer, verdicts: { pages: {}, findings: [], verdicts: [[]], sequences: [], of: {} } };
