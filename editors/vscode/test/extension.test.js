// The extension in node, without an editor: `vscode` is a stand-in that keeps what it is told, and so is the client,
// except in the last test, in which the client's own JSON-RPC library speaks with the server that is installed.

"use strict";

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { beforeEach, test } = require("node:test");

const manifest = require("../package.json");

/** What the stand-ins have been told. */
let told;
let chosen;
let failing;

class FakeClient {
  constructor(id, name, run, options) {
    told.clients.push({ id, name, run, options, state: "made" });
    this.told = told.clients.at(-1);
  }

  async start() {
    if (failing) {
      this.told.state = "failed";
      throw new Error("spawn nobody ENOENT");
    }
    this.told.state = "started";
  }

  async stop() {
    this.told.state = "stopped";
  }
}

const fakes = {
  vscode: {
    commands: {
      registerCommand(name, run) {
        told.commands[name] = run;
        return { dispose() {} };
      },
    },
    window: { showErrorMessage: (message) => told.errors.push(message) },
    workspace: {
      getConfiguration: (section) => ({ get: (name) => chosen[`${section}.${name}`] }),
      onDidChangeConfiguration(listener) {
        told.changed = listener;
        return { dispose() {} };
      },
    },
  },
  "vscode-languageclient/node": { LanguageClient: FakeClient, TransportKind: { stdio: 0 } },
};

const load = Module._load;
Module._load = (request, ...rest) => fakes[request] ?? load(request, ...rest);
const extension = require("../src/extension.js");

beforeEach(async () => {
  await extension.deactivate();
  told = { clients: [], commands: {}, errors: [] };
  failing = false;
  chosen = Object.fromEntries(
    Object.entries(manifest.contributes.configuration.properties).map(([name, one]) => [name, one.default]),
  );
});

const activated = async () => {
  const context = { extensionPath: "/extension", subscriptions: [] };
  await extension.activate(context);
  return context;
};

test("it starts the command of the settings, and not in the folder of the workspace", async () => {
  const context = await activated();
  assert.equal(told.clients.length, 1);
  const { run, options, state } = told.clients[0];
  assert.equal(state, "started");
  assert.deepEqual([run.command, run.args], ["rnnlint", ["server", "--stdio"]]);
  assert.deepEqual([run.options.cwd, run.options.env.PYTHONSAFEPATH], ["/extension", "1"]);
  assert.deepEqual(options.initializationOptions, { inlayHints: false });
  const schemes = options.documentSelector.map((one) => one.scheme ?? one.notebook);
  assert.deepEqual(schemes, ["file", "untitled", "jupyter-notebook"]);
  assert.equal(context.subscriptions.length, 2);
  assert.deepEqual(told.errors, []);
});

test("hints are asked for where they are wanted", async () => {
  chosen["rnnlint.inlayHints"] = true;
  await activated();
  assert.deepEqual(told.clients[0].options.initializationOptions, { inlayHints: true });
});

for (const wrong of ["rnnlint server", [], [""], ["rnnlint", 3], null]) {
  test(`a command that is none is said: ${JSON.stringify(wrong)}`, async () => {
    chosen["rnnlint.command"] = wrong;
    await activated();
    assert.equal(told.clients.length, 0);
    assert.equal(told.errors.length, 1);
  });
}

test("a program that is not there is said, with what to do", async () => {
  failing = true;
  await activated();
  assert.match(told.errors[0], /rnnlint cannot be started: .*ENOENT.*pip install 'rnnlint\[lsp\]'/);
});

test("another command takes effect, another setting restarts nothing", async () => {
  await activated();
  chosen["rnnlint.command"] = ["python", "-m", "rnnlint", "server"];
  await told.changed({ affectsConfiguration: (name) => name === "rnnlint.command" });
  assert.deepEqual(
    told.clients.map((one) => [one.run.command, one.state]),
    [
      ["rnnlint", "stopped"],
      ["python", "started"],
    ],
  );
  await told.changed({ affectsConfiguration: () => false });
  assert.equal(told.clients.length, 2);
});

test("the command that restarts it, and the end", async () => {
  await activated();
  await told.commands["rnnlint.restart"]();
  assert.deepEqual(
    told.clients.map((one) => one.state),
    ["stopped", "started"],
  );
  await extension.deactivate();
  assert.equal(told.clients[1].state, "stopped");
});

test("the manifest names what the extension registers and reads", async () => {
  await activated();
  assert.deepEqual(
    manifest.contributes.commands.map((one) => one.command),
    Object.keys(told.commands),
  );
  const source = fs.readFileSync(path.join(__dirname, "..", "src", "extension.js"), "utf8");
  const read = [...source.matchAll(/settings\(\)\.get\("(\w+)"\)/g)].map((found) => `rnnlint.${found[1]}`);
  assert.deepEqual([...new Set(read)].sort(), Object.keys(manifest.contributes.configuration.properties).sort());
});

// RNNLINT_PYTHON names a Python that has rnnlint[lsp]; else it is the one on the path.
const python = process.env.RNNLINT_PYTHON ?? "python3";
const installed = spawnSync(python, ["-c", "import rnnlint, pygls"]).status === 0;

test("the client's own library and the server understand each other", { skip: !installed && "no rnnlint[lsp]" }, async () => {
  const rpc = require("vscode-languageserver-protocol/node");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rnnlint-"));
  const server = spawn(python, ["-m", "rnnlint", ...manifest.contributes.configuration.properties["rnnlint.command"].default.slice(1)], { cwd: folder });
  const connection = rpc.createProtocolConnection(
    new rpc.StreamMessageReader(server.stdout),
    new rpc.StreamMessageWriter(server.stdin),
  );
  connection.listen();
  const initialized = await connection.sendRequest(rpc.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {},
  });
  assert.equal(initialized.serverInfo.name, "rnnlint");
  await connection.sendNotification(rpc.InitializedNotification.type, {});
  const said = new Promise((resolve) => {
    connection.onNotification(rpc.PublishDiagnosticsNotification.type, resolve);
  });
  const text = "from torch import nn, randn\nout, _ = nn.LSTM(2, 3, bidirectional=True)(randn(5, 4, 2))\nnn.Linear(6, 1)(out[-1])\n";
  const uri = pathToFileURL(path.join(folder, "model.py")).href;
  await connection.sendNotification(rpc.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "python", version: 1, text },
  });
  assert.deepEqual(
    (await said).diagnostics.map((one) => [one.code, one.range.start.line]),
    [["RNN102", 2]],
  );
  await connection.sendRequest(rpc.ShutdownRequest.type);
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification(rpc.ExitNotification.type);
  assert.equal(await ended, 0);
  fs.rmSync(folder, { recursive: true });
});
