import { homedir, hostname } from 'node:os';
import { SoapBenchError, exitCodes } from '../dist/errors.js';

// A path from the root of a file system; addresses of the web and fractions are none.
const absolutePath = /(?<![\w./:])(?:\/[\w.@+-]+){2,}|\b[A-Za-z]:\\[\w\\.-]+/;

/**
 * Lets nothing out that says where or on which computer something was made.
 * @param {string} text
 * @param {string} file What it is called in a message.
 * @throws SoapBenchError `private_words` with the line.
 */
export function refusePrivateWords(text, file) {
  const own = [hostname(), homedir()].filter((word) => word.length > 1 && word !== 'localhost');
  for (const [index, line] of text.split('\n').entries()) {
    const found = absolutePath.exec(line)?.[0] ?? own.find((word) => hasWord(line, word));
    if (found === undefined) continue;
    throw new SoapBenchError('private_words', `${file}:${index + 1} names ${found}, a place on this machine`, {
      exitCode: exitCodes.usage,
      hint: 'results are published without paths and names of computers; train with relative paths, or edit the line',
    });
  }
}

/**
 * @param {string} line
 * @param {string} word
 */
function hasWord(line, word) {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(line);
}
