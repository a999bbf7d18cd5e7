import { Matrix, SVD } from 'ml-matrix';

/** Options of GaLore, named as in its paper. */
export interface Galore64 {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly rank: number;
  readonly scale: number;
  readonly weight_decay: number;
}

/** GaLore for one matrix in float64, after arXiv:2403.03507, Algorithm 2. */
export class GaloreReference {
  #t = 0;
  #P: Matrix | undefined;
  #m: Matrix | undefined;
  #v: Matrix | undefined;

  constructor(
    public weight: Matrix,
    readonly options: Galore64,
  ) {}

  /** One call. @param signs When the subspace is chosen anew: vectors whose signs its own take, as the SVD leaves them open. */
  step(G: Matrix, signs: Matrix | undefined): void {
    const { lr, betas, eps, rank, scale, weight_decay } = this.options;
    const isWide = G.rows <= G.columns;
    const short = isWide ? G : G.transpose();
    if (signs !== undefined) this.#P = aligned(leftVectors(short, rank), signs);
    const P = this.#P!;
    const R = P.transpose().mmul(short);
    this.#t++;
    const [b1, b2] = betas;
    this.#m = average(this.#m, R, b1);
    this.#v = average(this.#v, Matrix.mul(R, R), b2);
    const mHat = Matrix.div(this.#m, 1 - b1 ** this.#t);
    const vHat = Matrix.div(this.#v, 1 - b2 ** this.#t);
    const N = Matrix.div(mHat, Matrix.add(Matrix.sqrt(vHat), eps));
    const back = P.mmul(N);
    const update = isWide ? back : back.transpose();
    this.weight = Matrix.mul(this.weight, 1 - lr * weight_decay).sub(Matrix.mul(update, lr * scale));
  }
}

/** U[:, :rank] of a wide matrix U·S·Vᵀ, largest first. */
function leftVectors(wide: Matrix, rank: number): Matrix {
  const U = new SVD(wide.transpose()).rightSingularVectors;
  return U.subMatrix(0, U.rows - 1, 0, rank - 1);
}

function aligned(P: Matrix, signs: Matrix): Matrix {
  for (let j = 0; j < P.columns; j++) {
    if (P.getColumnVector(j).dot(signs.getColumnVector(j)) < 0) P.mulColumn(j, -1);
  }
  return P;
}

function average(before: Matrix | undefined, now: Matrix, beta: number): Matrix {
  const share = Matrix.mul(now, 1 - beta);
  return before === undefined ? share : Matrix.mul(before, beta).add(share);
}
