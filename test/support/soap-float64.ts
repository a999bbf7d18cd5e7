import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';

export interface Soap64Options {
  readonly betas: readonly [number, number];
  readonly shampoo_beta: number | null;
  readonly eps: number;
  readonly eps_placement: 'uncorrected' | 'corrected' | 'floor';
  readonly weight_decay: number;
  readonly weight_decay_timing: 'after_update' | 'before_update';
  readonly precondition_frequency: number;
  readonly normalize_grads: boolean;
  readonly correct_bias: boolean;
  readonly correct_factor_bias: boolean;
  readonly skip_first_update: boolean;
  readonly refresh_timing: 'after_update' | 'before_update';
  readonly refresh_method: 'qr' | 'eigh';
  readonly power_iterations: number;
  readonly sort_columns: 'before_qr' | 'after_qr';
  readonly eigenvalue_order: 'descending' | 'ascending';
  readonly second_moment_at_refresh: 'permute' | 'keep';
  readonly factor_update: 'outer' | 'kl';
}

/** A side's factor and basis, and its eigenvalues for KL factors; undefined on a side that is the identity. */
export type Side64 = { factor: Matrix; basis: Matrix; eigenvalues?: number[] | undefined } | undefined;

/** State after some calls. The second moment is full, or the sums of rows and columns. */
export interface State64 {
  readonly calls: number;
  readonly m: Matrix;
  readonly v: Matrix | { rows: Matrix; columns: Matrix };
  readonly left: Side64;
  readonly right: Side64;
}

/**
 * SOAP in float64, written from the descriptions of the authors' code and of the others, independently of src/optim: the
 * momentum is kept in the original space. Starts after the first basis, which is open where a factor is rank-deficient.
 */
export class Soap64 {
  #m: Matrix;
  #v: State64['v'];
  #left: Side64;
  #right: Side64;
  #calls: number;

  constructor(
    public W: Matrix,
    state: State64,
    private readonly options: Soap64Options,
  ) {
    this.#left = state.left;
    this.#right = state.right;
    this.#v = state.v;
    this.#calls = state.calls;
    this.#m = this.#out(state.m);
  }

  call(G: Matrix, lr: number): void {
    const o = this.options;
    const [b1, b2] = o.betas;
    this.#calls++;
    const t = this.#calls - (o.skip_first_update ? 1 : 0);
    const isDue = t % o.precondition_frequency === 0;
    const nextFactors = this.#factors(G);

    if (o.refresh_timing === 'before_update') this.#take(nextFactors, isDue);
    this.#m = average(this.#m, G, b1);
    const rotated = this.#into(G);
    this.#takeSquares(Matrix.mul(rotated, rotated), b2);
    const [bias1, bias2] = o.correct_bias ? [1 - b1 ** t, 1 - b2 ** t] : [1, 1];
    const first = Matrix.div(this.#into(this.#m), bias1);
    const root = Matrix.sqrt(this.#second());
    const corrected = Matrix.div(root, Math.sqrt(bias2));
    let denominator: Matrix;
    if (o.eps_placement === 'uncorrected') denominator = Matrix.add(root, o.eps).div(Math.sqrt(bias2));
    else if (o.eps_placement === 'corrected') denominator = Matrix.add(corrected, o.eps);
    else denominator = atLeast(corrected, o.eps);
    const update = this.#out(Matrix.div(first, denominator));
    if (o.normalize_grads) {
      // Only the direction counts; bias corrections scale the whole.
      update.div(Math.sqrt(Matrix.mul(update, update).mean())).mul(Math.sqrt(bias2) / bias1);
    }
    const keep = 1 - lr * o.weight_decay;
    this.W =
      o.weight_decay_timing === 'before_update'
        ? Matrix.sub(Matrix.mul(this.W, keep), update.mul(lr))
        : Matrix.sub(this.W, update.mul(lr)).mul(keep);
    if (o.refresh_timing === 'after_update') this.#take(nextFactors, isDue);
  }

  #factors(G: Matrix): [Matrix | undefined, Matrix | undefined] {
    const o = this.options;
    const beta = o.shampoo_beta ?? o.betas[1];
    const take = o.correct_factor_bias ? (1 - beta) / (1 - beta ** this.#calls) : 1 - beta;
    const middle = (side: Side64, size: number, other: number) => {
      if (o.factor_update === 'outer') return Matrix.eye(size);
      if (!side) return Matrix.eye(size).div(other);
      const inverse = side.eigenvalues!.map((value) => 1 / Math.max(value, o.eps));
      return side.basis.mmul(Matrix.diag(inverse)).mmul(side.basis.transpose()).div(other);
    };
    const { rows, columns } = G;
    const outerLeft = G.mmul(middle(this.#right, columns, columns)).mmul(G.transpose());
    const outerRight = G.transpose()
      .mmul(middle(this.#left, rows, rows))
      .mmul(G);
    return [
      this.#left && average(this.#left.factor, outerLeft, 1 - take),
      this.#right && average(this.#right.factor, outerRight, 1 - take),
    ];
  }

  #take([left, right]: [Matrix | undefined, Matrix | undefined], isDue: boolean): void {
    if (this.#left) this.#left.factor = left!;
    if (this.#right) this.#right.factor = right!;
    if (!isDue) return;
    const rowOrder = this.#left && this.#refresh(this.#left);
    const columnOrder = this.#right && this.#refresh(this.#right);
    if (this.options.second_moment_at_refresh === 'keep') return;
    const permuted = (V: Matrix) =>
      V.selection(
        V.rows > 1 && rowOrder ? rowOrder : range(V.rows),
        V.columns > 1 && columnOrder ? columnOrder : range(V.columns),
      );
    this.#v =
      this.#v instanceof Matrix
        ? permuted(this.#v)
        : { rows: permuted(this.#v.rows), columns: permuted(this.#v.columns) };
  }

  /** Returns the order into which the old columns went. */
  #refresh(side: NonNullable<Side64>): number[] {
    const { refresh_method, power_iterations, sort_columns, eigenvalue_order } = this.options;
    const { factor, basis } = side;
    const estimates = (Q: Matrix) => Q.transpose().mmul(factor).mmul(Q).diagonal();
    const sign = eigenvalue_order === 'descending' ? 1 : -1;
    const orderOf = (values: number[]) => range(values.length).sort((a, b) => sign * (values[b]! - values[a]!));
    const columns = (Q: Matrix, order: number[]) => Q.selection(range(Q.rows), order);

    let order = orderOf(estimates(basis));
    if (refresh_method === 'eigh') {
      const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(factor, { assumeSymmetric: true });
      side.basis = columns(eigenvectorMatrix, orderOf(realEigenvalues));
    } else {
      let Q = sort_columns === 'before_qr' ? columns(basis, order) : basis;
      for (let i = 0; i < power_iterations; i++) Q = new QrDecomposition(factor.mmul(Q)).orthogonalMatrix;
      if (sort_columns === 'after_qr') {
        order = orderOf(estimates(Q));
        Q = columns(Q, order);
      }
      side.basis = Q;
    }
    side.eigenvalues = estimates(side.basis);
    return order;
  }

  #takeSquares(squares: Matrix, beta: number): void {
    const v = this.#v;
    this.#v =
      v instanceof Matrix
        ? average(v, squares, beta)
        : {
            rows: average(v.rows, Matrix.columnVector(squares.sum('row')), beta),
            columns: average(v.columns, Matrix.rowVector(squares.sum('column')), beta),
          };
  }

  #second(): Matrix {
    const v = this.#v;
    return v instanceof Matrix ? v.clone() : v.rows.mmul(v.columns).div(v.rows.sum());
  }

  #into(X: Matrix): Matrix {
    const half = this.#left ? this.#left.basis.transpose().mmul(X) : X.clone();
    return this.#right ? half.mmul(this.#right.basis) : half;
  }

  #out(X: Matrix): Matrix {
    const half = this.#left ? this.#left.basis.mmul(X) : X.clone();
    return this.#right ? half.mmul(this.#right.basis.transpose()) : half;
  }
}

function atLeast(X: Matrix, least: number): Matrix {
  return new Matrix(X.to2DArray().map((row) => row.map((value) => Math.max(value, least))));
}

function average(old: Matrix, next: Matrix, beta: number): Matrix {
  return Matrix.add(Matrix.mul(old, beta), Matrix.mul(next, 1 - beta));
}

function range(size: number): number[] {
  return [...Array(size).keys()];
}
