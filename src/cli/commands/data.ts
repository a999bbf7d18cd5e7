import { Option, type Command } from 'commander';
import { countText, plural } from '../../format.js';
import { decimal, wholeNumber } from '../options.js';
import { canRedraw } from '../../terminal.js';
import { print, printJson, note } from '../terminal/output.js';
import { tokenizerNames, type TokenizerName } from '../../data/tokenizers/tokenizer.js';
import type { ManifestSide, ManifestSplit, Reading } from '../../data/manifest.js';
import type { Tally } from '../../data/text-files.js';
import type { PreparedData, PrepareProgress } from '../../data/prepare.js';

interface PrepareCliOptions {
  tokenizer: TokenizerName;
  vocabSize?: number;
  valFraction: number;
  allowDuplicates?: boolean;
  force?: boolean;
  json?: boolean;
}

interface InspectCliOptions {
  tokens: number;
  json?: boolean;
}

/** Adds `soap-bench data list|prepare|inspect`. */
export function registerData(program: Command): void {
  const data = program.command('data').description('list corpora, prepare their tokens and inspect them');
  registerList(data);
  registerPrepare(data);
  registerInspect(data);
}

function registerList(data: Command): void {
  data
    .command('list')
    .description('list the built-in corpora and the datasets prepared so far')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('soap-bench data list', 'soap-bench data list --json'))
    .action(async (options: { json?: boolean }) => {
      const { builtInCorpora } = await import('../../data/corpora.js');
      const { listDatasets } = await import('../../data/find-dataset.js');
      const corpora = builtInCorpora.map(({ name, description, source, license }) => ({
        name,
        description,
        source,
        license,
      }));
      const datasets = await listDatasets();
      if (options.json === true) {
        printJson({
          corpora,
          datasets: datasets.map(({ name, folder, manifest, problem }) => ({
            name,
            folder,
            train_tokens: manifest?.train.tokens ?? null,
            val_tokens: manifest?.val.tokens ?? null,
            problem: problem ?? null,
          })),
        });
        return;
      }
      print('Corpora');
      for (const { name, description, source, license } of corpora) {
        print(`  ${name.padEnd(11)} ${description}\n  ${''.padEnd(11)} ${source}; ${license}`);
      }
      print(`  ${'<path>'.padEnd(11)} your own .txt file, or a folder of .txt files`);
      print('\nPrepared datasets');
      if (datasets.length === 0)
        print('  none yet: `run` prepares what it needs, `soap-bench data prepare` does it now');
      for (const { name, manifest, problem } of datasets) {
        print(
          manifest === undefined
            ? `  ${name}: ${problem ?? ''}`
            : `  ${name}: ${countText(manifest.train.tokens)} training tokens, ${countText(manifest.val.tokens)} validation tokens`,
        );
      }
    });
}

function registerPrepare(data: Command): void {
  data
    .command('prepare')
    .description('split a corpus into training and validation text and write its tokens')
    .argument('<corpus>', 'a corpus of `data list`, a .txt file, or a folder of .txt files')
    .addOption(new Option('--tokenizer <name>', 'tokenizer').choices(tokenizerNames).default('gpt2'))
    .option(
      '--vocab-size <n>',
      'keep only the beginning of the gpt2 vocabulary (257 to 50257)',
      wholeNumber({ least: 1, example: 1024 }),
    )
    .option(
      '--val-fraction <x>',
      'share of the documents kept for validation',
      decimal({ what: 'a number above 0 and below 1', example: '0.1', allows: (value) => value > 0 && value < 1 }),
      0.05,
    )
    .option('--allow-duplicates', 'prepare even if a validation document is in the training text too')
    .option('--force', 'prepare again even if it was done before')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      examples(
        'soap-bench data prepare sotu --tokenizer gpt2 --vocab-size 1024',
        'soap-bench data prepare moby-dick --tokenizer byte',
        'soap-bench data prepare my-texts/ --val-fraction 0.1',
      ) + '\n\nDatasets go to $SOAP_BENCH_DATASETS, or to datasets/ in the current folder.',
    )
    .action(async (corpus: string, options: PrepareCliOptions) => {
      const { prepareData } = await import('../../data/prepare.js');
      const config = {
        corpus,
        tokenizer: options.tokenizer,
        vocab_size: options.vocabSize,
        val_fraction: options.valFraction,
        shuffle: true,
        allow_duplicates: options.allowDuplicates === true,
      };
      const progress = options.json === true ? undefined : await progressBar();
      const prepared = await prepareData(config, {
        force: options.force === true,
        ...(progress === undefined ? {} : { onProgress: progress.update }),
      }).finally(() => progress?.stop());
      if (options.json === true) printJson(jsonOf(prepared));
      else for (const line of describe(prepared)) print(line);
    });
}

function registerInspect(data: Command): void {
  data
    .command('inspect')
    .description('check the files of a prepared dataset and show what is in it')
    .argument('<dataset>', 'name of a prepared dataset, the beginning of one, or its folder')
    .option('--tokens <n>', 'tokens of the training text to show', wholeNumber({ least: 0 }), 48)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('soap-bench data inspect sotu-gpt2-1024', 'soap-bench data inspect sotu --json'))
    .action(async (dataset: string, options: InspectCliOptions) => {
      const { findDataset } = await import('../../data/find-dataset.js');
      const { openPrepared } = await import('../../data/prepare.js');
      const { openTokenizer } = await import('../../data/tokenizers/open-tokenizer.js');
      const { unigramEntropy } = await import('../../data/statistics.js');
      const prepared = await openPrepared(await findDataset(dataset), undefined, { anew: true });
      const { train, val, vocabSize, manifest } = prepared;
      const tokenizer = await openTokenizer(manifest.tokenizer, vocabSize);
      const tokens = train.subarray(0, Math.min(options.tokens, train.length));
      const text = tokenizer.decode(tokens);
      const entropy = { train: unigramEntropy(train, vocabSize), val: unigramEntropy(val, vocabSize) };
      if (options.json === true) {
        printJson({
          ...jsonOf(prepared),
          unigram_entropy_nats: entropy,
          uniform_loss_nats: Math.log(vocabSize),
          beginning: { tokens: Array.from(tokens), text },
        });
        return;
      }
      for (const line of describe(prepared)) print(line);
      print(
        field(
          'loss of a model',
          `${Math.log(vocabSize).toFixed(3)} when every token is equally likely, ${entropy.train.toFixed(3)} when it knows ` +
            `only the frequencies (${entropy.val.toFixed(3)} in validation); nats/token`,
        ),
      );
      print(field('begins with', JSON.stringify(text)));
    });
}

function jsonOf(prepared: PreparedData) {
  const { folder, manifest } = prepared;
  return {
    folder,
    ...manifest,
    bytes_per_token: { train: bytesPerToken(manifest.train), val: bytesPerToken(manifest.val) },
  };
}

function describe({ folder, manifest }: PreparedData): string[] {
  return [
    folder,
    field('corpus', `${manifest.corpus}: ${manifest.description}`),
    field('source', manifest.source),
    field('licence', manifest.license),
    field(
      'tokenizer',
      `${manifest.tokenizer}, ${countText(manifest.vocab_size)} tokens, end of text ${manifest.end_of_text}`,
    ),
    field('training', describeSide(manifest.train)),
    field('validation', `${describeSide(manifest.val)} (val_fraction ${manifest.val_fraction})`),
    ...describeSplit(manifest.split),
    ...describeReading(manifest.reading),
  ];
}

function describeSide(side: ManifestSide): string {
  const files = side.files.map((file) => file.file).join(', ');
  return `${countText(side.tokens)} tokens, ${plural(side.documents, 'document')}, ${bytesPerToken(side).toFixed(2)} bytes a token, ${files}`;
}

function describeSplit(split: ManifestSplit | undefined): string[] {
  if (split === undefined || split.method === 'names') return [];
  const why = 'because the names of the documents leave a side empty';
  const what = split.method === 'cut' ? 'is cut in two' : 'is on the other side than its name says';
  return [field('split', `${split.document ?? ''} ${what}, ${why}`)];
}

/** What was not read, and what is odd about what was. */
function describeReading(reading: Reading | undefined): string[] {
  if (reading === undefined) return [];
  const { files, bytes, skipped, empty_documents, duplicates } = reading;
  const facts: [string, Tally][] = [
    ['hidden, skipped', skipped.hidden],
    ['linked again', skipped.repeated],
    ['not .txt, skipped', skipped.other],
    ['without text', empty_documents],
    ['twice in training', duplicates.train],
    ['twice in validation', duplicates.val],
    ['on both sides', duplicates.both],
  ];
  const found = facts.filter(([, tally]) => tally.count > 0);
  return [
    field('read', `${plural(files, 'file')}, ${countText(bytes)} bytes`),
    ...found.map(([what, tally]) => field(what, tallyText(tally))),
  ];
}

function tallyText({ count: all, examples }: Tally): string {
  return `${countText(all)}: ${examples.join(', ')}${all > examples.length ? ', …' : ''}`;
}

function bytesPerToken(side: ManifestSide): number {
  return side.text_bytes / side.tokens;
}

function field(name: string, value: string): string {
  return `  ${name.padEnd(19)} ${value}`;
}

/** A bar on a terminal; one line elsewhere, so that logs stay readable. */
async function progressBar(): Promise<{ update: PrepareProgress; stop: () => void }> {
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format: 'preparing [{bar}] {percentage} %', stream: process.stderr, hideCursor: true });
  let started = false;
  return {
    update: (done, total) => {
      if (!started) {
        started = true;
        if (canRedraw(process.stderr)) bar.start(total, 0);
        else note('preparing tokens');
      }
      if (canRedraw(process.stderr)) bar.update(done);
    },
    stop: () => {
      bar.stop();
    },
  };
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
