import { consoleLogger } from '@lodge/core';
import type { RunCommand } from '../command.js';
import { exitCode } from '../exit-code.js';
import { HostProcess } from '../lattice/host-process.js';
import { readHostSettings } from '../lattice/host-settings.js';
import { checkReferenceFlags } from '../lattice/reference-flags.js';

/** `lodge host`: joins a lattice and runs what a scheduler tells it to, until a signal. */
export const run: RunCommand = async ({ options }, context) => {
  const { reporter, shutdown } = context;
  const notes = checkReferenceFlags(options, process.env);
  const settings = await readHostSettings(options, reporter.isVerbose);
  const logger = consoleLogger({ level: settings.logLevel });
  for (const note of notes) logger.log('warn', note);
  const host = new HostProcess(settings, logger, context);
  try {
    const failure = await host.serve();
    if (failure !== undefined) throw failure;
  } catch (error) {
    // Whatever was given up on the way, because a signal came, is no failure.
    if (!shutdown.signal.aborted) throw error;
  } finally {
    await host.end();
  }
  return exitCode.success;
};
