#!/usr/bin/env node
/** The `ballast` command: a client of the service's HTTP API, which can also start the service. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addDelete } from './commands/delete.js';
import { addDeploy } from './commands/deploy.js';
import { addInstances } from './commands/instances.js';
import { addInvoke } from './commands/invoke.js';
import { addList } from './commands/list.js';
import { addResize } from './commands/resize.js';
import { addServe } from './commands/serve.js';
import { addTemplate } from './commands/template.js';
import { addVersions } from './commands/versions.js';
import { CliError, messageOf, oneLine } from './failure.js';

const help = `
Environment:
  BALLAST_ENDPOINT  the service to talk to: http://host:port, or unix:/path
                    (default: http://127.0.0.1:9100)`;

function buildProgram(): Command {
  const program = new Command('ballast')
    .description('Runs functions in virtual machines that are resized to each request.')
    .version(packageVersion())
    .addHelpText('after', help)
    // What commander would write and exit with is decided in `report`, for all errors alike.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  addServe(program);
  addDeploy(program);
  addInvoke(program);
  addList(program);
  addVersions(program);
  addDelete(program);
  addInstances(program);
  addResize(program);
  addTemplate(program);
  return program;
}

function packageVersion(): string {
  const path = new URL('../../../package.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

/** Writes one line about an error and returns the exit code: 2 for what was asked wrongly. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Help that nobody asked for was written already.
    if (error.code !== 'commander.help') complain(error.message.replace(/^error: /, ''));
    return 2;
  }
  complain(messageOf(error));
  return error instanceof CliError ? error.exitCode : 1;
}

function complain(message: string): void {
  process.stderr.write(`ballast: ${oneLine(message)}\n`);
}

// Whoever reads the output may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
