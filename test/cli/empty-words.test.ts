import { Command } from 'commander';
import { expect, it } from 'vitest';
import { refuseEmptyWords } from '../../src/cli/empty-words.js';
import { failureOf } from '../report/helpers.js';

const parse = (...words: string[]) =>
  new Command('run')
    .argument('[words...]')
    .option('--output <folder>')
    .option('--dry-run')
    .option('--no-compile')
    .hook('preAction', (_, command) => {
      refuseEmptyWords(command);
    })
    .action(() => undefined)
    .parse(words, { from: 'user' });

it.each([
  ['--output of `run` is empty', ['a.yaml', '--output', '']],
  ['--output of `run` is empty', ['--output=']],
  ['a word of `run` is empty', ['a.yaml', '']],
])('%s', (message, words) => {
  expect(failureOf(() => parse(...words))).toMatchObject({ message, code: 'empty_word', exitCode: 2 });
});

it('what is left out, and what is not empty, is taken', () => {
  for (const words of [[], ['a.yaml', '--output', ' '], ['--dry-run', '--no-compile']]) parse(...words);
});
