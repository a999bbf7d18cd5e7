import { csvText } from '../../files/csv.js';
import type { Claim, ClaimNumber, LossClaim, LossIncreaseClaim } from '../../reproduce/claim.js';
import { roundsLine } from '../../analysis/comparison.js';
import { tableOf, type ReportTable } from '../../table/table.js';
import type { ClaimRow } from '../../analysis/claims/claims.js';
import { boundText, measuredText, verdictText, whereText } from '../text/claim-text.js';
import type { Bounds } from '../../analysis/claims/verdict.js';

/** What the paper says beside what was measured here, a row for every number. */
export function claimsTable(rows: readonly ClaimRow[]): ReportTable {
  // Of rows that belong to one claim the first says what it is.
  const once = (text: (row: ClaimRow) => string) => (row: ClaimRow, index: number) =>
    rows[index - 1]?.claim === row.claim ? '' : text(row);
  return {
    id: 'claims',
    title: 'What the paper says, and what was measured here',
    csv: claimsCsv(rows),
    ...tableOf<ClaimRow>(
      rows,
      [
        { title: 'the paper says', cell: once(({ claim }) => claim.text) },
        { title: 'there', cell: once(({ claim }) => claim.source.where) },
        { title: 'bound', align: 'right', cell: once(({ claim }) => boundText(claim)) },
        { title: 'where', cell: whereText },
        {
          title: 'here',
          align: 'right',
          key: 'value',
          cell: (row) => ({ text: measuredText(row), value: row.measured.value }),
        },
        {
          title: 'verdict',
          cell: (row) => ({ text: verdictText(row), tone: row.verdict === 'cannot be said' ? 'warning' : undefined }),
        },
      ],
      { notes: notesOf(rows), stacks: true },
    ),
  };
}

const lossesText = 'Losses are differences of final validation losses in nats a token, seed by seed';

/** What there is to know of the numbers that are there. */
function notesOf(rows: readonly ClaimRow[]): string[] {
  const measures = new Set(rows.map(({ claim }) => claim.about?.measure));
  const hasRatios = measures.has('iterations') || measures.has('time');
  const ofLosses = rows.map(({ claim }) => claim.about).filter(isOfLosses);
  const pairs = [...new Set(ofLosses.map(({ optimizer, baseline }) => `${optimizer} less ${baseline}`))];
  const others = rows
    .filter(({ claim }) => claim.source.grade === 'second_hand')
    .map(({ claim }) => claim.source.where);
  return [
    'The paper is arXiv:2409.11321; its claims are in our words.',
    'A claim holds when the whole interval does as it says, and does not when none of it does.',
    ...(rows.some(hasOthers) ? ['Of a claim on several settings, wider intervals decide than those shown.'] : []),
    ...(hasRatios ? ['Iterations and time are over the other optimizer’s, for its final loss.'] : []),
    ...(pairs.length === 0 ? [] : [`${lossesText}: ${pairs.join(', ')}.`]),
    ...(hasRatios || pairs.length > 0 ? ['[ ]: 95% interval over seeds.'] : []),
    ...(measures.has('time') ? [roundsLine] : []),
    ...(measures.has('step_time') ? ['[ ] of step times: 95% interval over rounds.'] : []),
    ...(measures.has('memory') ? ['Memory is that of gradients and optimizer state, counted.'] : []),
    ...(others.length === 0 ? [] : [`Known at second hand: ${[...new Set(others)].join(', ')}.`]),
  ];
}

/** Whether the claim is held against another setting of the same experiment, too. */
function hasOthers(row: ClaimRow, index: number, rows: readonly ClaimRow[]): boolean {
  return rows.some((other, i) => i !== index && other.claim === row.claim && other.experiment === row.experiment);
}

function isOfLosses(about: ClaimNumber | undefined): about is LossClaim | LossIncreaseClaim {
  return about?.measure === 'final_loss' || about?.measure === 'loss_increase';
}

const csvColumns: readonly (readonly [name: string, value: (row: ClaimRow) => unknown])[] = [
  ['claim', ({ claim }) => claim.text],
  ['source', ({ claim }) => claim.source.where],
  ['source_grade', ({ claim }) => claim.source.grade],
  ['experiment', ({ experiment }) => experiment],
  ['setting', ({ measured }) => measured.where],
  ['measure', ({ claim }) => claim.about?.measure ?? ''],
  ['optimizer', ({ claim }) => claim.about?.optimizer ?? ''],
  ['baseline', ({ claim }) => claim.about?.baseline ?? ''],
  ['at_most', ({ claim }) => boundOf(claim, 'at_most')],
  ['at_least', ({ claim }) => boundOf(claim, 'at_least')],
  ['value', ({ measured }) => measured.value],
  ['value_low', ({ measured }) => measured.low],
  ['value_high', ({ measured }) => measured.high],
  ['n', ({ measured }) => measured.n],
  ['verdict', ({ verdict }) => verdict],
  ['why', ({ why }) => why],
];

/** A header and a row for every number. What is not known is `nan`, a bound that is not given empty. */
function claimsCsv(rows: readonly ClaimRow[]): string {
  return csvText([csvColumns.map(([name]) => name), ...rows.map((row) => csvColumns.map(([, value]) => value(row)))]);
}

function boundOf({ about }: Claim, name: 'at_most' | 'at_least'): number | '' {
  const bounds: Bounds = about ?? {};
  return bounds[name] ?? '';
}
