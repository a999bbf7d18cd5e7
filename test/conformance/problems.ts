import { Matrix } from 'ml-matrix';
import type { ParameterInfo } from '../../src/optim/optimizer.js';
import { matrixInfo, vectorInfo, type Values } from '../support/optimizer-run.js';
import { normalMatrix, normals, symmetricWith } from '../support/random.js';

/** A loss with its gradients, in float64 on the host. The best loss is zero. */
export interface Problem {
  readonly name: string;
  readonly parameters: readonly ParameterInfo[];
  /** Share of the first loss that every optimizer gets below in 100 calls. */
  readonly within: number;
  readonly evaluate: (weights: Values) => { loss: number; gradients: Values };
}

/** ½‖W − target‖² over all parameters. */
function quadratic(name: string, parameters: readonly ParameterInfo[], within: number): Problem {
  const targets = Object.fromEntries(
    parameters.map(({ name, shape }) => [
      name,
      normals(
        `target ${name}`,
        shape.reduce((a, b) => a * b, 1),
      ),
    ]),
  );
  return {
    name,
    parameters,
    within,
    evaluate(weights) {
      const gradients = Object.fromEntries(
        parameters.map(({ name }) => [name, Array.from(targets[name]!, (target, i) => weights[name]![i]! - target)]),
      );
      const loss = Object.values(gradients)
        .flat()
        .reduce((sum, difference) => sum + difference ** 2 / 2, 0);
      return { loss, gradients };
    },
  };
}

/** ½‖A·W·B − Y‖² with a solution and condition numbers of 1000 and 100. */
function illConditionedRegression(): Problem {
  const A = symmetricWith('A', [3, 1, 0.3, 0.1, 0.03, 0.003]);
  const B = symmetricWith('B', [1, 0.3, 0.1, 0.01]);
  const Y = A.mmul(normalMatrix('solution', 6, 4)).mmul(B);
  return {
    name: 'an ill-conditioned matrix regression',
    parameters: [matrixInfo(6, 4)],
    within: 0.01,
    evaluate({ W }) {
      const residual = A.mmul(Matrix.from1DArray(6, 4, Array.from(W!)))
        .mmul(B)
        .sub(Y);
      const gradient = A.transpose().mmul(residual).mmul(B.transpose());
      return { loss: residual.norm('frobenius') ** 2 / 2, gradients: { W: gradient.to1DArray() } };
    },
  };
}

/** Σ 100·(b − a²)² + (1 − a)² over the rows (a, b): from (0, 0) along a curved valley to (1, 1). */
function rosenbrock(): Problem {
  return {
    name: 'Rosenbrock',
    parameters: [matrixInfo(2, 2)],
    within: 0.25,
    evaluate({ W }) {
      const gradient = new Float64Array(4);
      let loss = 0;
      for (const row of [0, 2]) {
        const [a, b] = [W![row]!, W![row + 1]!];
        loss += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
        gradient[row] = -400 * a * (b - a * a) - 2 * (1 - a);
        gradient[row + 1] = 200 * (b - a * a);
      }
      return { loss, gradients: { W: gradient } };
    },
  };
}

export const problems: readonly Problem[] = [
  quadratic('a quadratic', [matrixInfo(5, 4)], 0.02),
  rosenbrock(),
  illConditionedRegression(),
  quadratic(
    'vectors and matrices together',
    [
      vectorInfo(7, 'bias'),
      matrixInfo(3, 5, 'hidden'),
      { name: 'embed', shape: [9, 3], role: 'embedding' },
      { name: 'head', shape: [9, 3], role: 'head' },
    ],
    0.02,
  ),
  quadratic('matrices of one row and of one column', [matrixInfo(1, 6, 'row'), matrixInfo(6, 1, 'column')], 0.02),
];
