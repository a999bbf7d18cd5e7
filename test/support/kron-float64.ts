import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Options of PSGD Kron that the formulas need. */
export interface Kron64 {
  readonly lr: number;
  readonly momentum: number;
  readonly preconditioner_lr: number;
  readonly preconditioner_beta: number;
  readonly damping: number;
  readonly max_update_rms: number;
  readonly weight_decay: number;
  /** Whether the factors are full matrices; diagonal ones keep their diagonals only. */
  readonly dense: readonly [boolean, boolean];
}

/**
 * PSGD Kron of one matrix on the host in float64. All factors are full matrices, of which diagonal ones are cut to their
 * diagonals, and the norm is the largest eigenvalue itself.
 */
export class KronReference {
  #t = 0;
  #M: Matrix;
  #bounds = [0, 0];
  #factors: [Matrix, Matrix] | undefined;

  constructor(
    public weight: Matrix,
    readonly options: Kron64,
  ) {
    this.#M = Matrix.zeros(weight.rows, weight.columns);
  }

  get factors(): readonly [Matrix, Matrix] {
    return this.#factors!;
  }

  step(G: Matrix, fits: boolean): void {
    const { lr, momentum, damping, max_update_rms, weight_decay, dense } = this.options;
    this.#t++;
    this.#M = Matrix.mul(this.#M, momentum).add(Matrix.mul(G, 1 - momentum));
    const Mhat = Matrix.div(this.#M, 1 - momentum ** this.#t);
    const level = 1 / (rms(Mhat) + damping);
    this.#factors ??= [G.rows, G.columns].map((size) => Matrix.eye(size).mul(Math.sqrt(level))) as [Matrix, Matrix];
    const [P1, P2] = this.#factors;
    const white = P1.mmul(Mhat).mmul(P2);
    const clip = Math.min(1, max_update_rms / rms(white));
    this.weight = Matrix.mul(this.weight, 1 - lr * weight_decay).sub(Matrix.mul(white, lr * clip));
    if (!fits) return;
    const noise = damping ** 2;
    const T1 = white.mmul(white.transpose()).add(P1.mmul(P1).mul(noise * P2.mmul(P2).trace()));
    const T2 = white
      .transpose()
      .mmul(white)
      .add(P2.mmul(P2).mul(noise * P1.mmul(P1).trace()));
    const next = [this.#fit(P1, T1, G.columns, 0, dense[0]), this.#fit(P2, T2, G.rows, 1, dense[1])] as const;
    const ratio = Math.sqrt(next[1].max() / next[0].max());
    this.#factors = [Matrix.mul(next[0], ratio), Matrix.div(next[1], ratio)];
  }

  #fit(P: Matrix, moment: Matrix, white: number, axis: number, dense: boolean): Matrix {
    const { preconditioner_lr, preconditioner_beta: beta } = this.options;
    const T = dense ? moment : Matrix.diag(moment.diagonal());
    const size = Math.max(...new EigenvalueDecomposition(T, { assumeSymmetric: true }).realEigenvalues) + white;
    const bound = Math.max(beta * this.#bounds[axis]! + (1 - beta) * size, size);
    this.#bounds[axis] = bound;
    const excess = T.sub(Matrix.eye(T.rows).mul(white));
    const A = Matrix.eye(T.rows).sub(excess.mul(preconditioner_lr / 2 / bound));
    return A.mmul(P).mmul(A);
  }
}

function rms(x: Matrix): number {
  return x.norm('frobenius') / Math.sqrt(x.rows * x.columns);
}
