const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async function () {
  const options = vscode.workspace.getConfiguration("redislint");
  const [command, ...args] = options.get("command");
  client = new LanguageClient(
    "redislint",
    "redislint",
    { command, args },
    {
      documentSelector: [
        { language: "redis-conf" },
        { language: "yaml", pattern: "**/{redislint,.redislint}.{yaml,yml}" },
        { language: "yaml", pattern: "**/policies/**/*.yaml" },
      ],
      initializationOptions: options.get("settings"),
      synchronize: {
        fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{conf,acl,yaml,yml}"),
      },
    },
  );
  await client.start();
};

exports.deactivate = () => client?.stop();
