import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface Shampoo64Options {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly frequency: number;
  readonly start: number;
  readonly exponent: number;
  readonly graft:
    { readonly kind: 'sgd' | 'adagrad' | 'adam'; readonly beta: number; readonly eps: number } | undefined;
  /** Factors are sums over all gradients, not averages. */
  readonly sums: boolean;
  readonly traceScaling: boolean;
  readonly biasCorrection: boolean;
}

/** Shampoo in float64, written from the description of Distributed Shampoo and independently of src/optim. */
export class Shampoo64 {
  #t = 0;
  #m: Matrix;
  #v: Matrix;
  #factors: (Matrix | undefined)[];
  #roots: (Matrix | undefined)[] = [undefined, undefined];

  constructor(
    public W: Matrix,
    sides: { left: boolean; right: boolean },
    private readonly options: Shampoo64Options,
  ) {
    const { rows, columns } = W;
    this.#m = new Matrix(rows, columns);
    this.#v = new Matrix(rows, columns);
    this.#factors = [
      sides.left ? new Matrix(rows, rows) : undefined,
      sides.right ? new Matrix(columns, columns) : undefined,
    ];
  }

  call(G: Matrix, lr: number): void {
    const { betas, epsilon, weightDecay, frequency, start, exponent, graft, biasCorrection, sums } = this.options;
    const t = ++this.#t;
    const bias = (beta: number) => (biasCorrection ? 1 - beta ** t : 1);
    const outer = [G.mmul(G.transpose()), G.transpose().mmul(G)];
    this.#factors = this.#factors.map((factor, i) => {
      if (!factor) return undefined;
      return sums ? Matrix.add(factor, outer[i]!) : average(factor, outer[i]!, betas[1]);
    });
    this.#m = average(this.#m, G, betas[0]);
    const filtered = Matrix.div(this.#m, bias(betas[0]));
    let grafted: Matrix | undefined;
    if (graft?.kind === 'sgd') grafted = filtered;
    else if (graft) {
      const squares = Matrix.mul(G, G);
      this.#v = graft.kind === 'adagrad' ? Matrix.add(this.#v, squares) : average(this.#v, squares, graft.beta);
      const second = graft.kind === 'adagrad' ? this.#v : Matrix.div(this.#v, bias(graft.beta));
      grafted = Matrix.div(filtered, Matrix.sqrt(second).add(graft.eps));
    }
    if (t === start || (t > start && t % frequency === 0)) {
      this.#roots = this.#factors.map((factor) => {
        if (!factor) return undefined;
        const corrected = sums ? factor.clone() : Matrix.div(factor, bias(betas[1]));
        if (this.options.traceScaling) corrected.div(Math.sqrt(corrected.trace()));
        return root(corrected, exponent, epsilon);
      });
    }
    const [left, right] = this.#roots;
    let direction = filtered;
    if (left) direction = left.mmul(direction);
    if (right) direction = direction.mmul(right);
    if (grafted && t < start) direction = grafted;
    else if (grafted) direction = Matrix.mul(direction, grafted.norm('frobenius') / direction.norm('frobenius'));
    this.W = Matrix.sub(this.W, Matrix.add(direction, Matrix.mul(this.W, weightDecay)).mul(lr));
  }
}

function root(matrix: Matrix, exponent: number, epsilon: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: Q } = new EigenvalueDecomposition(
    Matrix.add(matrix, Matrix.eye(matrix.rows).mul(epsilon)),
    { assumeSymmetric: true },
  );
  return Q.mmul(Matrix.diag(realEigenvalues.map((value) => value ** -exponent))).mmul(Q.transpose());
}

function average(old: Matrix, next: Matrix, beta: number): Matrix {
  return Matrix.add(Matrix.mul(old, beta), Matrix.mul(next, 1 - beta));
}
