import { SoapBenchError, exitCodes } from '../errors.js';
import type { Split } from './split.js';
import { documentName, documentsOf, type DocumentPlace, type Survey } from './survey.js';
import { add, tally, type Tally } from './text-files.js';

/** Documents with exactly the same text as another one. */
export interface Duplicates {
  /** Documents that repeat another one on the same side. */
  readonly train: Tally;
  readonly val: Tally;
  /** Validation documents that are also in the training text. */
  readonly both: Tally;
}

export function findDuplicates(survey: Survey, { isVal, cut }: Split): Duplicates {
  const duplicates = { train: tally(), val: tally(), both: tally() };
  const nameOf = ({ file, document }: DocumentPlace) => documentName(survey.files[file]!, document);
  const sides = { train: new Map<string, DocumentPlace>(), val: new Map<string, DocumentPlace>() };
  for (const place of documentsOf(survey)) {
    const digest = survey.files[place.file]!.digests[place.document]!;
    const isCut = cut?.file === place.file && cut.document === place.document;
    const own = isCut || isVal[place.file]![place.document] === true ? 'val' : 'train';
    const first = sides[own].get(digest);
    if (first === undefined) sides[own].set(digest, place);
    else add(duplicates[own], `${nameOf(place)} = ${nameOf(first)}`);
  }
  for (const [digest, place] of sides.val) {
    const same = sides.train.get(digest);
    if (same !== undefined) add(duplicates.both, `${nameOf(place)} = ${nameOf(same)}`);
  }
  return duplicates;
}

/** @throws {SoapBenchError} `split_not_disjoint` if validation would measure the loss of training text. */
export function assertDisjoint({ both }: Duplicates, source: string, allowed: boolean): void {
  if (both.count === 0 || allowed) return;
  const documents = both.count === 1 ? 'A validation document of' : `${both.count} validation documents of`;
  const verb = both.count === 1 ? 'is' : 'are';
  const more = both.count > both.examples.length ? ', …' : '';
  throw new SoapBenchError(
    'split_not_disjoint',
    `${documents} ${source} ${verb} in the training text as well: ${both.examples.join(', ')}${more}.`,
    {
      exitCode: exitCodes.usage,
      hint: 'Remove one of each pair, or train on them all the same with data.allow_duplicates=true (`data prepare`: --allow-duplicates).',
    },
  );
}
