import type { RunEnvironment } from '../../results/read-run.js';
import { bytesText, countText, plural } from '../../format.js';
import type { Fact } from './fact.js';
import type { ReportData } from '../report-data.js';
import { timingEnvironmentFacts, timingFacts, timingText } from '../step-times/timing-facts.js';
import { corpusTitle } from '../../data/corpus-path.js';

/** How the trainings of a directory were measured, from the configuration of the first and what others vary. */
export function measurementFacts(report: ReportData): Fact[] {
  if (report.isTimedOnly) return timingFacts(report);
  const { study, summary } = report;
  // While options are being chosen nothing is compared yet.
  const config = study.runs[0]?.config ?? study.tunings[0]!.templates[0]!.config;
  const { model, data, train, precision } = config;
  const { schedule } = train;
  const parameters = study.runs[0]?.run.status?.parameters;
  const count = parameters === undefined ? '' : `; ${plural(parameters, 'parameter')}`;
  const warmup = schedule.warmup_steps > 0 ? `, ${plural(schedule.warmup_steps, 'step')} of warm-up` : '';
  const vocabulary = data.vocab_size === undefined ? '' : `, ${countText(data.vocab_size)} tokens`;
  const seeds = [...new Set(study.runs.map(({ seed }) => seed))];
  return [
    [
      'model',
      `${plural(model.n_layer, 'layer')} × ${model.d_model}, ${plural(model.n_head, 'head')}, context ${model.context}${count}`,
    ],
    ['text', `${corpusTitle(data.corpus)}, tokenizer ${data.tokenizer}${vocabulary}`],
    [
      'training',
      `${plural(train.steps, 'step')} of ${plural(train.batch_tokens, 'token')}; ${schedule.name}${warmup}; ${precision}`,
    ],
    ['length', tokensAParameter({ study })],
    [
      'evaluation',
      `every ${train.eval_every === 1 ? 'step' : plural(train.eval_every, 'step')} on the same ${countText(train.eval_tokens)} validation tokens, not on the training clock`,
    ],
    [
      'target',
      summary.target === 'baseline_final'
        ? `${summary.baseline}’s final validation loss, of the same seed`
        : `a validation loss of ${summary.target}`,
    ],
    [
      'seeds',
      seeds.length === 1
        ? `${seeds[0]} (n = 1: no interval)`
        : `${seeds.join(', ')}; the same weights and batches for all optimizers`,
    ],
    ...variedFacts({ study }),
    ['iterations to target', 'on the straight line between the evaluation before the target and the one at it'],
    ...clockFacts(report),
  ];
}

/** Where wall-clock times come from that are not as they went by. */
function clockFacts({ study }: Pick<ReportData, 'study'>): Fact[] {
  const timed = study.runs.flatMap(({ run }) => run.timed ?? []);
  if (study.stepTimes.length === 0) return [];
  if (timed.length === 0) return [['time', 'as it went by in training: step_times.csv does not have all settings']];
  return [['time', `iterations times step times that were measured apart from training: ${timingText(timed)}`]];
}

/** How long the longest trainings are: `up to 1.6 million tokens, 1.9 a parameter`. */
export function tokensAParameter({ study }: Pick<ReportData, 'study'>): string {
  const lengths = study.runs.map(({ config: { train }, run }) => ({
    tokens: train.steps * train.batch_tokens,
    parameters: run.status?.parameters,
  }));
  const longest = lengths.toSorted((a, b) => b.tokens - a.tokens)[0];
  if (longest === undefined) return 'not chosen yet';
  const { tokens, parameters } = longest;
  const upTo = lengths.some((other) => other.tokens < tokens) ? 'up to ' : '';
  const each = parameters === undefined ? '' : `, ${(tokens / parameters).toPrecision(2)} a parameter`;
  return `${upTo}${countText(tokens)} tokens${each}`;
}

/** What the trainings do not have in common; the facts above are then the first one's. */
function variedFacts({ study }: Pick<ReportData, 'study'>): Fact[] {
  const values = new Map<string, Set<string>>();
  for (const { key, value } of study.runs.flatMap(({ choices }) => choices)) {
    values.set(key, (values.get(key) ?? new Set()).add(typeof value === 'string' ? value : JSON.stringify(value)));
  }
  const lines = [...values].map(([key, texts]) => `${key}: ${[...texts].join(', ')}`);
  return lines.length === 0 ? [] : [['varied', lines.join('; ')]];
}

/** What everything was computed with; a fact that differs between runs lists what there is. */
export function environmentFacts(report: ReportData): Fact[] {
  const { study } = report;
  if (report.isTimedOnly) return timingEnvironmentFacts(report);
  const environments = study.runs.flatMap(({ run }) => (run.environment === undefined ? [] : [run.environment]));
  const facts: [term: string, text: (environment: RunEnvironment) => string | undefined][] = [
    ['engine', ({ engine, engine_version }) => `${engine} ${engine_version}`],
    ['device', ({ device }) => device],
    ['machine', ({ cpu, cores, memory_bytes }) => machineText(cpu, cores, memory_bytes)],
    ['system', ({ platform }) => platform],
    ['soap-bench', ({ soap_bench, git_commit, git_dirty }) => versionText(soap_bench, git_commit, git_dirty)],
    ['TensorFlow.js', ({ tfjs }) => tfjs],
    ['Node', ({ node }) => node],
    [
      'variables',
      ({ variables }) =>
        Object.entries(variables ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
    ],
  ];
  return facts.flatMap(([term, text]): Fact[] => {
    const texts = new Set(environments.map(text).filter((found) => found !== undefined && found !== ''));
    return texts.size === 0 ? [] : [[term, [...texts].join(' / ')]];
  });
}

function machineText(cpu?: string, cores?: number, memory?: number): string | undefined {
  return cpu === undefined
    ? undefined
    : [
        cpu,
        ...(cores === undefined ? [] : [plural(cores, 'core')]),
        ...(memory === undefined ? [] : [bytesText(memory)]),
      ].join(', ');
}

function versionText(version?: string, commit?: string | null, dirty?: boolean | null): string | undefined {
  if (version === undefined) return undefined;
  if (commit === undefined || commit === null) return version;
  return `${version}, commit ${commit}${dirty === true ? ' with changes' : ''}`;
}

/** When the trainings ran, in UTC. */
export function periodText({ study }: ReportData): string {
  const statuses = study.runs.flatMap(({ run }) => (run.status === undefined ? [] : [run.status]));
  const times = statuses
    .flatMap(({ started_at, ended_at }) => [started_at, ...(ended_at === undefined ? [] : [ended_at])])
    .toSorted();
  const minute = (time: string) => time.slice(0, 16).replace('T', ' ');
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? 'not started' : `${minute(first)} to ${minute(last)} UTC`;
}
