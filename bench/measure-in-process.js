import { spawn } from 'node:child_process';
import { SoapBenchError, exitCodes, messageOf } from '../dist/errors.js';

/**
 * Runs a command whose last line of output is a JSON document: one measurement in a process of its own, so that neither
 * memory nor warm caches of a library pass from one to the next.
 * @template T
 * @param {object} measurement
 * @param {string} measurement.what What is measured, for error messages.
 * @param {string} measurement.command
 * @param {readonly string[]} measurement.words
 * @param {Record<string, string>} [measurement.variables] Environment beside our own.
 * @param {{ parse(document: unknown): T }} measurement.schema
 * @returns {Promise<T>}
 * @throws SoapBenchError `measurement_failed` with the last lines that the process wrote to stderr.
 */
export async function measureInProcess({ what, command, words, variables = {}, schema }) {
  const { stdout, stderr, ending } = await run(command, words, variables);
  if (ending !== undefined) throw failure(what, `${ending}${lastLines(stderr)}`);
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw failure(what, `its last line is not the expected JSON document: ${line.slice(0, 200)}\n${messageOf(error)}`);
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} words
 * @param {Record<string, string>} variables
 * @returns {Promise<{ stdout: string, stderr: string, ending: string | undefined }>} `ending` says how it failed, if so.
 */
function run(command, words, variables) {
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      stderr += text;
    });
    child.on('error', (error) => {
      resolve({ stdout, stderr, ending: `${command} does not start: ${error.message}` });
    });
    child.on('close', (code, signal) => {
      const failed = signal === null ? `it ended with code ${code}` : `it was killed by ${signal}`;
      resolve({ stdout, stderr, ending: code === 0 ? undefined : failed });
    });
  });
}

/**
 * @param {string} what
 * @param {string} reason
 */
function failure(what, reason) {
  return new SoapBenchError('measurement_failed', `${what} could not be measured: ${reason}`, {
    exitCode: exitCodes.runsFailed,
    hint: 'rows that were already measured are in the CSV file, if one was asked for',
  });
}

/** @param {string} text */
function lastLines(text) {
  const lines = text.trimEnd().split('\n').slice(-6);
  return lines[0] === '' ? '' : `\n${lines.join('\n')}`;
}
