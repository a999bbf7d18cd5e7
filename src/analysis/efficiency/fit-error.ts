import { Matrix, pseudoInverse } from 'ml-matrix';
import type { ErrorPart } from '../../statistics/error-parts.js';
import { mean, variance } from '../../statistics/mean.js';
import { fittedLoss, type PowerLaw } from './power-law.js';

/** Losses of an optimizer's trainings: a row a length, a column a seed. */
export interface LossTable {
  /** In steps, ascending. */
  readonly lengths: readonly number[];
  readonly losses: readonly (readonly number[])[];
}

/**
 * How uncertain a fitted curve less a measured mean loss is, at any length.
 *
 * The model: the loss of a training is that of the curve at its length, plus what its seed does to all optimizers alike,
 * plus what its seed does to this optimizer at all lengths, plus noise of its own. The first drops out of a comparison. The
 * second shows in how the difference of the optimizers' means varies from seed to seed; the third in what is left over
 * within each, and in how far mean losses are from their curve.
 * @param fitted The optimizer with the curve; `measured` the other one, of which one length is compared. Both have the same
 * seeds, two at least, and finite losses.
 */
export function fitError(fitted: LossTable, law: PowerLaw, measured: LossTable): (n: number) => ErrorPart[] {
  const seeds = fitted.losses[0]!.length;
  const [own, other] = [meansOfSeeds(fitted), meansOfSeeds(measured)];
  const ofSeeds = variance(own.map((loss, seed) => loss - other[seed]!));
  const within = withinSeeds(fitted) + withinSeeds(measured) + seeds * offCurve(fitted, law);
  const withinDegrees = (fitted.lengths.length + measured.lengths.length - 2) * (seeds - 1);
  const degrees = withinDegrees + fitted.lengths.length - parameters;
  // The share of a training's noise that is between the means over lengths already.
  const counted = 1 / fitted.lengths.length + 1 / measured.lengths.length;
  const weightsAt = weightsOf(fitted.lengths, law);
  return (n) => {
    // Beside the curve's weights, the one of the measured loss.
    const share = weightsAt(n).reduce((sum, weight) => sum + weight ** 2, 1) - counted;
    return [
      { from: 'seeds', variance: ofSeeds / seeds, degrees: seeds - 1 },
      { from: 'seeds', variance: (share * within) / degrees / seeds, degrees },
    ];
  };
}

/** Of a curve a + b·N^−β. */
const parameters = 3;

/** By how much the fitted loss at a length moves with the mean loss of each, to first order. They add up to 1. */
function weightsOf(lengths: readonly number[], { b, beta }: PowerLaw): (n: number) => number[] {
  // In units of a length in the middle, for the condition of the system; of b·N^−β only what it depends on.
  const unit = Math.exp(mean(lengths.map(Math.log)));
  const slopes = (length: number) => {
    const x = length / unit;
    return b === 0 ? [1] : [1, x ** -beta, Math.log(x) * x ** -beta];
  };
  const inverse = pseudoInverse(new Matrix(lengths.map(slopes)))
    .transpose()
    .to2DArray();
  return (n) => {
    const row = slopes(n);
    return inverse.map((column) => row.reduce((sum, value, i) => sum + value * column[i]!, 0));
  };
}

function meansOfSeeds({ losses }: LossTable): number[] {
  return losses[0]!.map((_, seed) => mean(losses.map((row) => row[seed]!)));
}

/** Squares of what is left of each loss without the means of its length and of its seed. */
function withinSeeds(table: LossTable): number {
  const ofSeed = meansOfSeeds(table);
  const all = mean(ofSeed);
  const left = table.losses.flatMap((row) => {
    const ofLength = mean(row);
    return row.map((loss, seed) => loss - ofLength - ofSeed[seed]! + all);
  });
  return squares(left);
}

function offCurve({ lengths, losses }: LossTable, law: PowerLaw): number {
  return squares(lengths.map((n, i) => mean(losses[i]!) - fittedLoss(law, n)));
}

function squares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 2, 0);
}
