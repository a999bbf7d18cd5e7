import type { StepTimeRow } from '../../results/step-time-row.js';
import { countText, plural } from '../../format.js';
import type { ReportData } from '../report-data.js';
import type { Fact } from '../page/fact.js';
import { corpusTitle } from '../../data/corpus-path.js';

/** How and with what steps were timed, where nothing was trained. */
export function timingFacts({ study }: ReportData): Fact[] {
  const { stepTimes } = study;
  const { model, data, train, precision } = (study.runs[0] ?? study.tunings[0]!.templates[0]!).config;
  const [first] = stepTimes;
  const vocabulary = data.vocab_size === undefined ? '' : `, ${countText(data.vocab_size)} tokens`;
  return [
    [
      'model',
      `${plural(model.n_layer, 'layer')} × ${model.d_model}, ${plural(model.n_head, 'head')}, context ${model.context}; ` +
        plural(first!.parameters, 'parameter'),
    ],
    ['text', `${corpusTitle(data.corpus)}, tokenizer ${data.tokenizer}${vocabulary}`],
    ['step', `${countText(train.batch_tokens)} tokens; ${precision}; nothing was trained`],
    ['time', timingText(stepTimes)],
  ];
}

/** `medians of 3 rounds on 2 threads of a CPU, 2025-01-31; others took 2% of the processors at most` */
export function timingText(rows: readonly StepTimeRow[]): string {
  const { rounds, device } = rows[0]!;
  const days = [...new Set(rows.map(({ measured_at }) => measured_at.slice(0, 10)))].toSorted();
  const busy = Math.max(...rows.map((row) => row.busy));
  const count = rounds === 1 ? 'of one round' : `medians of ${rounds} rounds`;
  return `${count} on ${device}, ${days.join(', ')}; others took ${Math.round(100 * busy)}% of the processors at most`;
}

/** What steps were timed with. */
export function timingEnvironmentFacts({ study: { stepTimes } }: ReportData): Fact[] {
  const facts: [term: string, text: (row: StepTimeRow) => string][] = [
    ['engine', ({ engine }) => engine],
    ['device', ({ device }) => device],
    ['machine', ({ cpu, cores }) => `${cpu}, ${plural(cores, 'core')}`],
    ['soap-bench', ({ commit }) => (commit === '' ? '' : `commit ${commit}`)],
  ];
  return facts.flatMap(([term, text]): Fact[] => {
    const texts = new Set(stepTimes.map(text).filter((found) => found !== ''));
    return texts.size === 0 ? [] : [[term, [...texts].join(' / ')]];
  });
}
