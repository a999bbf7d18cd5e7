/** Loss of a training as a function of its length: a + b·N^−β. */
export interface PowerLaw {
  /** The loss that endless training would come to, nats a token. */
  readonly a: number;
  /** In the units of N; 0 when the loss does not fall with N. */
  readonly b: number;
  readonly beta: number;
  /** Root of the mean squared difference between losses and fit. */
  readonly rmse: number;
  /** The lengths it was fitted to; outside of them it says nothing. */
  readonly from: number;
  readonly to: number;
}

export interface LossPoint {
  /** Length of a training: steps or tokens, above 0. */
  readonly n: number;
  readonly loss: number;
}

/** Where a fitted curve is at a loss: a length, or on which side of the fitted lengths. */
export type Inversion = number | 'shorter' | 'longer';

/** Lengths that a fit of three parameters takes at least: one more than parameters, so that there is something to fit. */
export const fewestLengths = 4;

/** Where β may lie. A fit at one of these ends has not found it. */
export const betaBounds = { low: 0.01, high: 10 } as const;

// Starts of the search, at equal ratios within the bounds.
const starts = 80;

/**
 * Fits a + b·N^−β by least squares, with a ≥ 0, b ≥ 0 and β within {@link betaBounds}.
 *
 * For a given β the best a and b follow from a linear system, so that β is the only number to search for: over a grid of
 * starts, then by golden section around every minimum of that grid. This finds the best fit of all instead of the one
 * nearest to a guess.
 * @param points Finite losses, of at least {@link fewestLengths} different lengths.
 * Source of the form: arXiv:2409.11321, section 5.
 */
export function fitPowerLaw(points: readonly LossPoint[]): PowerLaw {
  const lengths = points.map(({ n }) => n);
  // Powers of ratios near 1 keep the linear systems well conditioned.
  const unit = Math.exp(lengths.reduce((sum, n) => sum + Math.log(n), 0) / lengths.length);
  const scaled = points.map(({ n, loss }) => ({ n: n / unit, loss }));
  const at = (logBeta: number) => bestLine(scaled, Math.exp(logBeta));
  const [low, high] = [Math.log(betaBounds.low), Math.log(betaBounds.high)];
  const width = (high - low) / (starts - 1);
  const grid = Array.from({ length: starts }, (_, i) => low + i * width);
  const errors = grid.map((logBeta) => at(logBeta).squares);
  const minima = grid.filter(
    (_, i) => errors[i]! <= (errors[i - 1] ?? Infinity) && errors[i]! <= (errors[i + 1] ?? Infinity),
  );
  const refined = minima.map((middle) =>
    goldenSection((x) => at(x).squares, Math.max(low, middle - width), Math.min(high, middle + width)),
  );
  const best = [...minima, ...refined].reduce((one, other) => (at(other).squares < at(one).squares ? other : one));
  const { a, c, squares } = at(best);
  const beta = Math.exp(best);
  return {
    a,
    b: c * unit ** beta,
    beta,
    rmse: Math.sqrt(squares / points.length),
    from: Math.min(...lengths),
    to: Math.max(...lengths),
  };
}

/** The fitted loss of a training of length `n`. */
export function fittedLoss({ a, b, beta }: Pick<PowerLaw, 'a' | 'b' | 'beta'>, n: number): number {
  return a + b * n ** -beta;
}

/** The length at which the fit comes to a loss, within the lengths it was fitted to; beyond them only the side is told. */
export function invertPowerLaw(law: PowerLaw, loss: number): Inversion {
  if (loss > fittedLoss(law, law.from)) return 'shorter';
  if (loss < fittedLoss(law, law.to)) return 'longer';
  // A flat curve is at its loss everywhere: the shortest training is enough.
  if (law.b === 0) return law.from;
  return ((loss - law.a) / law.b) ** (-1 / law.beta);
}

/** The least squares of a + c·n^−β with a ≥ 0 and c ≥ 0. */
function bestLine(points: readonly LossPoint[], beta: number): { a: number; c: number; squares: number } {
  const x = points.map(({ n }) => n ** -beta);
  const y = points.map(({ loss }) => loss);
  const [meanX, meanY] = [average(x), average(y)];
  const sxx = average(x.map((value) => (value - meanX) ** 2));
  const sxy = average(x.map((value, i) => (value - meanX) * (y[i]! - meanY)));
  const slope = sxx > 0 ? sxy / sxx : 0;
  const withoutA = average(x.map((value, i) => value * y[i]!)) / average(x.map((value) => value * value));
  const inside = { a: meanY - slope * meanX, c: slope };
  // Where a bound is crossed, the best allowed fit lies on it.
  const candidates =
    inside.a >= 0 && inside.c >= 0
      ? [inside]
      : [
          { a: meanY, c: 0 },
          { a: 0, c: withoutA },
        ];
  const measured = candidates.map(({ a, c }) => {
    return { a, c, squares: y.reduce((sum, value, i) => sum + (a + c * x[i]! - value) ** 2, 0) };
  });
  return measured.reduce((one, other) => (other.squares < one.squares ? other : one));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A minimum of `f` between two numbers. */
function goldenSection(f: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let i = 0; i < 60; i++) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
