/**
 * How likely Student's t with so many degrees of freedom is at least as far from zero as `t`.
 * Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.1 (with 26.5.27).
 */
export function twoSidedP(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? NaN : 0;
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The t that is exceeded in size with probability `p`; 2.262 for p = 0.05 and nine degrees of freedom. */
export function twoSidedQuantile(p: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (twoSidedP(high, degrees) > p) high *= 2;
  // Halving until there is no number between the two.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (twoSidedP(middle, degrees) > p) low = middle;
    else high = middle;
  }
  return high;
}

/** I_x(a, b), by the continued fraction where it converges fast. Source: the same, 26.5.8 and 26.5.2. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  return front / continuedFraction(x, a, b);
}

/** 1 + d₁/(1 + d₂/(1 + …)) from the end on; two hundred terms are enough for the arguments above. */
function continuedFraction(x: number, a: number, b: number): number {
  let value = 1;
  for (let i = 200; i > 0; i--) {
    const m = Math.floor(i / 2);
    const term =
      i % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    value = 1 + term / value;
  }
  return value;
}

/** ln Γ(x) for x > 0 by Stirling's series, shifted to where it is exact to the last digits (6.1.41). */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 15) shift += Math.log(z++);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
