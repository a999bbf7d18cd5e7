/** Options of schedule-free AdamW, named as in its paper. */
export interface ScheduleFree64 {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weight_decay: number;
  readonly warmup_steps: number;
}

/**
 * Schedule-free AdamW in float64, with the three sequences of arXiv:2405.15682, Algorithm 1.
 * @returns y and x after each step.
 */
export function scheduleFree64(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  { lr, betas: [b1, b2], eps, weight_decay, warmup_steps }: ScheduleFree64,
): { y: number[]; x: number[] }[] {
  let y = [...start];
  let [z, x] = [y, y];
  let v = start.map(() => 0);
  let total = 0;
  return gradients.map((g, i) => {
    const t = i + 1;
    const rate = lr * Math.min(1, t / warmup_steps);
    v = v.map((before, j) => b2 * before + (1 - b2) * g[j]! ** 2);
    z = z.map((before, j) => {
      const rms = Math.sqrt(v[j]! / (1 - b2 ** t));
      return before - rate * (g[j]! / (rms + eps) + weight_decay * y[j]!);
    });
    total += rate ** 2;
    const c = rate ** 2 / total;
    x = x.map((before, j) => (1 - c) * before + c * z[j]!);
    y = x.map((average, j) => (1 - b1) * z[j]! + b1 * average);
    return { y, x };
  });
}
