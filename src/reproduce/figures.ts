import { SoapBenchError, exitCodes } from '../errors.js';
import { didYouMean } from '../did-you-mean.js';
import type { Claim, ClaimSource } from './claim.js';

/** A result of the SOAP paper (arXiv:2409.11321), and the experiments by which it is run again. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** Where in the paper. */
  readonly paper: string;
  /** Names of its experiments: configs/paper/<figure>-<experiment>.yaml. */
  readonly experiments: readonly string[];
  /** `timed`: nothing is trained, only steps are timed. */
  readonly kind: 'trained' | 'timed';
  readonly claims: readonly Claim[];
}

/** In the order in which they are run when none is named: what others take trainings from comes first. */
export const figures: readonly Figure[] = [
  {
    id: 'headline',
    title: 'Iterations and time to the loss of AdamW',
    paper: 'Figures 1 to 3',
    experiments: ['360m', '660m'],
    kind: 'trained',
    claims: [
      {
        text: 'SOAP needs over 40% fewer iterations than AdamW',
        source: text('abstract'),
        about: { measure: 'iterations', optimizer: 'soap', baseline: 'adamw', at_most: 0.6 },
      },
      {
        text: 'SOAP needs over 35% less time than AdamW',
        source: text('abstract'),
        about: { measure: 'time', optimizer: 'soap', baseline: 'adamw', at_most: 0.65 },
      },
      {
        text: 'SOAP needs about 20% fewer iterations than Shampoo',
        source: text('abstract'),
        about: { measure: 'iterations', optimizer: 'soap', baseline: 'shampoo', at_most: 0.8, approximate: true },
      },
      {
        text: 'SOAP needs about 20% less time than Shampoo',
        source: text('abstract'),
        about: { measure: 'time', optimizer: 'soap', baseline: 'shampoo', at_most: 0.8, approximate: true },
      },
    ],
  },
  {
    id: 'frequency',
    title: 'Final loss against refresh frequency',
    paper: 'Figure 1, right',
    experiments: ['360m'],
    kind: 'trained',
    claims: [
      ...(['soap', 'shampoo'] as const).map((optimizer): Claim => ({
        text: `${optimizer === 'soap' ? 'SOAP' : 'Shampoo'} ends below AdamW at every frequency from 1 to 100`,
        source: text('on figure 1'),
        about: {
          measure: 'final_loss',
          optimizer,
          baseline: 'adamw',
          at_most: 0,
          each: 'precondition_frequency',
        },
      })),
      {
        text: 'refreshed at every step, SOAP and Shampoo are quite close',
        source: text('on figure 1'),
        about: { measure: 'final_loss', optimizer: 'soap', baseline: 'shampoo', precondition_frequency: 1 },
      },
      {
        text: 'with rarer refreshes SOAP loses much less than Shampoo',
        source: text('on figure 1'),
        about: { measure: 'loss_increase', optimizer: 'soap', baseline: 'shampoo', from: 1, to: 100, at_most: 0 },
      },
    ],
  },
  {
    id: 'variants',
    title: 'Variants of SOAP with less state',
    paper: 'Figure 6',
    experiments: ['360m'],
    kind: 'trained',
    claims: [
      {
        text: "Adafactor's second moment in place of Adam's costs a negligible increase in loss",
        source: text('on figure 6'),
        about: { measure: 'final_loss', optimizer: 'soap-factorized', baseline: 'soap' },
      },
      {
        text: 'rotating one side only costs more than that',
        source: text('on figure 6'),
        about: { measure: 'final_loss', optimizer: 'soap-factorized', baseline: 'soap-one-sided', at_most: 0 },
      },
      {
        text: 'one-sided, SOAP is still on a par with Shampoo, or slightly better',
        source: text('on figure 6'),
        about: { measure: 'final_loss', optimizer: 'soap-one-sided', baseline: 'shampoo', at_most: 0 },
      },
      {
        text: 'with both savings together SOAP still ends below AdamW',
        source: text('on figure 6'),
        about: { measure: 'final_loss', optimizer: 'soap-factorized-one-sided', baseline: 'adamw', at_most: 0 },
      },
    ],
  },
  {
    id: 'critical-batch',
    title: 'Steps against batch size',
    paper: 'Figure 4, section 6.3',
    experiments: ['360m'],
    kind: 'trained',
    claims: [
      {
        text: 'SOAP needs fewer steps than AdamW at all batch sizes',
        source: text('section 6.3'),
        about: { measure: 'iterations', optimizer: 'soap', baseline: 'adamw', at_most: 1 },
      },
      {
        text: 'the advantage grows with the batch, so that more data parallelism pays',
        source: text('section 6.3'),
      },
      {
        text: 'at the smallest batch SOAP needs at least 25% fewer iterations than AdamW',
        source: text('caption of figure 4'),
        about: { measure: 'iterations', optimizer: 'soap', baseline: 'adamw', at_most: 0.75, batch: 'smallest' },
      },
    ],
  },
  {
    id: 'long-run',
    title: 'Trainings five times as long',
    paper: 'Figure 5, section 6.4',
    experiments: ['360m'],
    kind: 'trained',
    claims: [
      {
        text: "SOAP's advantage over AdamW is maintained at 100 tokens a parameter",
        source: text('section 6.4'),
        about: { measure: 'final_loss', optimizer: 'soap', baseline: 'adamw', at_most: 0, each: 'train.steps' },
      },
    ],
  },
  {
    id: 'overhead',
    title: "Step time over AdamW's against refresh frequency",
    paper: 'Figure 7, left',
    experiments: ['360m'],
    kind: 'timed',
    claims: [
      {
        text: 'the overhead over AdamW falls as refreshes become rarer',
        source: text('on figure 7'),
        about: { measure: 'step_time', optimizer: 'soap', baseline: 'adamw', at: 'falls', at_least: 1 },
      },
      {
        text: 'an overhead remains without refreshes: the products that update and apply the bases at every step',
        source: text('on figure 7'),
        about: { measure: 'step_time', optimizer: 'soap', baseline: 'adamw', at: 'plain', at_least: 1 },
      },
    ],
  },
  {
    id: 'eigh-vs-qr',
    title: 'Refreshes by eigendecomposition or by QR',
    paper: 'Figure 7, right',
    experiments: ['360m'],
    kind: 'trained',
    claims: [
      {
        text: 'QR and eigendecompositions do about as well at all refresh frequencies',
        source: text('on figure 7'),
        about: { measure: 'final_loss', optimizer: 'soap', baseline: 'soap-eigh', each: 'precondition_frequency' },
      },
    ],
  },
  {
    id: 'space-and-time',
    title: 'Memory and time of a step',
    paper: 'Sections 7.2 and 7.3',
    experiments: ['360m'],
    kind: 'timed',
    claims: [
      {
        text: 'SOAP takes the space of Shampoo: 2m² + 2n² + 3mn floats for an m×n layer, with its gradient',
        source: text('section 7.2'),
        about: { measure: 'memory', optimizer: 'soap', baseline: 'shampoo', at_most: 1 },
      },
      {
        text: 'factorized and one-sided, SOAP takes less space than AdamW',
        source: text('section 7.2'),
        about: { measure: 'memory', optimizer: 'soap-factorized-one-sided', baseline: 'adamw', at_most: 1 },
      },
      {
        text: 'SOAP takes m²n + n²m multiplications more than Shampoo for an m×n layer, besides refreshes',
        source: text('section 7.3'),
      },
    ],
  },
  {
    id: 'galore',
    title: 'GaLore and Shampoo',
    paper: 'Appendix B',
    experiments: ['210m'],
    kind: 'trained',
    claims: [
      {
        text: "the best GaLore ends above the best Shampoo, 3.12 against 3.10 on the paper's 210m model",
        source: { where: 'appendix B', grade: 'second_hand' },
        about: {
          measure: 'final_loss',
          optimizer: 'shampoo',
          baseline: 'galore',
          at_most: 0,
          paper: [3.1, 3.12],
        },
      },
    ],
  },
];

/**
 * The figure of that name.
 * @throws {SoapBenchError} `unknown_figure` (exit code 2), saying which there are.
 */
export function figureNamed(id: string): Figure {
  const figure = figures.find((one) => one.id === id);
  if (figure !== undefined) return figure;
  const ids = figures.map((one) => one.id);
  const message = `there is no figure "${id}", expected one of ${ids.join(', ')}.${didYouMean(id, ids)}`;
  throw new SoapBenchError('unknown_figure', message, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench reproduce list` says what each of them is',
  });
}

function text(where: string): ClaimSource {
  return { where, grade: 'text' };
}
