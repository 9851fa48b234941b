// Starts `rnnlint server` for Python files and notebooks, and hands on the settings. All else is the server's.

"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const PYTHON = { language: "python" };

/** What the server is told of: files, what is not saved yet, and the cells of notebooks. No `git:` or `output:`. */
const DOCUMENTS = [
  { ...PYTHON, scheme: "file" },
  { ...PYTHON, scheme: "untitled" },
  { ...PYTHON, notebook: "jupyter-notebook" },
];

let client;

function settings() {
  return vscode.workspace.getConfiguration("rnnlint");
}

/** The command, and why there is none where the setting is no list of words. */
function command() {
  const words = settings().get("command");
  const right = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string" && word);
  return right ? words : undefined;
}

/**
 * Where the server is started, and not in the workspace: `python -m` looks for every module in its folder first, and
 * nothing of a project is to be run.
 */
let home;

async function start() {
  const words = command();
  if (words === undefined) {
    vscode.window.showErrorMessage('rnnlint: "rnnlint.command" wants a list of words, the program first');
    return;
  }
  const [program, ...args] = words;
  const run = {
    command: program,
    args,
    transport: TransportKind.stdio,
    options: { cwd: home, env: { ...process.env, PYTHONSAFEPATH: "1" } },
  };
  client = new LanguageClient("rnnlint", "rnnlint", run, {
    documentSelector: DOCUMENTS,
    initializationOptions: { inlayHints: settings().get("inlayHints") === true },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `rnnlint: ${program} cannot be started: ${error.message}. pip install 'rnnlint[lsp]', or set "rnnlint.command"`,
    );
  }
}

async function stop() {
  const ended = client;
  client = undefined;
  await ended?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  home = context.extensionPath;
  context.subscriptions.push(
    vscode.commands.registerCommand("rnnlint.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("rnnlint.command")) {
        await restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
