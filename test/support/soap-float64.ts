import { Matrix, QrDecomposition } from 'ml-matrix';

export interface Soap64Options {
  readonly betas: readonly [number, number];
  readonly shampooBeta: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly frequency: number;
  readonly normalizeGrads: boolean;
  readonly correctBias: boolean;
}

/** A side's factor and basis; undefined on a side that is the identity. */
export type Side64 = { factor: Matrix; basis: Matrix } | undefined;

/**
 * SOAP in float64, written from the description of the authors' code and independently of src/optim: everything is kept in
 * the original space but M and V. Starts after the first call, whose bases are open where a factor is rank-deficient.
 */
export class Soap64 {
  #m: Matrix;
  #v: Matrix;
  #t = 0;

  constructor(
    public W: Matrix,
    private left: Side64,
    private right: Side64,
    private readonly options: Soap64Options,
  ) {
    this.#m = Matrix.zeros(W.rows, W.columns);
    this.#v = Matrix.zeros(W.rows, W.columns);
  }

  call(G: Matrix, lr: number): void {
    const { betas, shampooBeta, eps, weightDecay, frequency, normalizeGrads, correctBias } = this.options;
    this.#t++;
    const rotated = this.#into(G);
    this.#m = average(this.#m, rotated, betas[0]);
    this.#v = average(this.#v, Matrix.mul(rotated, rotated), betas[1]);
    let update = this.#out(Matrix.div(this.#m, Matrix.sqrt(this.#v).add(eps)));
    if (normalizeGrads) update = update.div(Math.sqrt(Matrix.mul(update, update).mean()));
    const correction = correctBias ? Math.sqrt(1 - betas[1] ** this.#t) / (1 - betas[0] ** this.#t) : 1;
    this.W = Matrix.sub(this.W, update.mul(lr * correction)).mul(1 - lr * weightDecay);

    const m = this.#out(this.#m);
    const isDue = this.#t % frequency === 0;
    if (this.left) {
      this.left.factor = average(this.left.factor, G.mmul(G.transpose()), shampooBeta);
      if (isDue) this.#v = this.#v.selection(refresh(this.left), range(this.#v.columns));
    }
    if (this.right) {
      this.right.factor = average(this.right.factor, G.transpose().mmul(G), shampooBeta);
      if (isDue) this.#v = this.#v.selection(range(this.#v.rows), refresh(this.right));
    }
    this.#m = this.#into(m);
  }

  #into(X: Matrix): Matrix {
    const half = this.left ? this.left.basis.transpose().mmul(X) : X;
    return this.right ? half.mmul(this.right.basis) : half;
  }

  #out(X: Matrix): Matrix {
    const half = this.left ? this.left.basis.mmul(X) : X;
    return this.right ? half.mmul(this.right.basis.transpose()) : half;
  }
}

/** One power iteration; returns the order into which the old columns went. */
function refresh(side: { factor: Matrix; basis: Matrix }): number[] {
  const { factor, basis } = side;
  const estimates = basis.transpose().mmul(factor).mmul(basis).diagonal();
  const order = range(basis.columns).sort((a, b) => estimates[b]! - estimates[a]!);
  const sorted = basis.selection(range(basis.rows), order);
  side.basis = new QrDecomposition(factor.mmul(sorted)).orthogonalMatrix;
  return order;
}

function average(old: Matrix, next: Matrix, beta: number): Matrix {
  return Matrix.add(Matrix.mul(old, beta), Matrix.mul(next, 1 - beta));
}

function range(size: number): number[] {
  return [...Array(size).keys()];
}
