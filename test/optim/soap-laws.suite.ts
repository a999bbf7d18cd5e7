import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createOptimizer, type OptimizerName } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { matrixInfo, OptimizerRun } from '../support/optimizer-run.js';
import { normalMatrix, symmetricWith } from '../support/random.js';

const lr = 0.01;
const labels = fc.integer({ min: 0, max: 1000 }).map(String);
const sizes = fc.integer({ min: 2, max: 6 });

/** Correlated gradients of full rank, so that the eigenbases are not those we start with and are well determined. */
function gradient(label: string, rows: number, columns: number, call: number): Matrix {
  const left = symmetricWith(
    `${label} left`,
    Array.from({ length: rows }, (_, i) => 2 ** -i),
  );
  return left.mmul(normalMatrix(`${label} gradient ${call}`, rows, columns));
}

/** What holds for SOAP and Shampoo whatever the numbers. */
export function soapLawsSuite(engine: Engine): void {
  // Compiling takes most of the time: where it is done, fewer cases.
  const runs = { numRuns: engine.compiled ? 3 : 8, seed: 1 };
  const open = (name: OptimizerName, W: Matrix, options: object) => {
    const parameter = matrixInfo(W.rows, W.columns);
    return new OptimizerRun(engine, createOptimizer(name, { lr, ...options }, [parameter]), [parameter], {
      W: W.to1DArray(),
    });
  };
  const call = (run: OptimizerRun, G: Matrix) => run.step({ W: G.to1DArray() }, lr);

  describe('laws', () => {
    it('SOAP without bases is Adam, whatever the place of ε and of the decay, one call late', async () => {
      const placements = fc.constantFrom('uncorrected', 'corrected', 'floor');
      const timings = fc.constantFrom('after_update', 'before_update');
      const decays = fc.double({ min: 0, max: 0.98, noNaN: true });
      const law = fc.asyncProperty(
        ...[labels, placements, timings, decays, decays],
        async (label, eps_placement, weight_decay_timing, b1, b2) => {
          const W0 = normalMatrix(label, 3, 2);
          const options = { betas: [b1, b2], eps: 0.3, eps_placement, weight_decay: 0.5, weight_decay_timing };
          const run = open('soap', W0, { ...options, max_precond_dim: 0 });
          await call(run, gradient(label, 3, 2, 0));
          let W = W0.to1DArray();
          const [m, v] = [W.map(() => 0), W.map(() => 0)];
          for (let t = 1; t <= 6; t++) {
            const G = gradient(label, 3, 2, t);
            await call(run, G);
            W = W.map((w, i) => {
              const g = G.to1DArray()[i]!;
              m[i] = b1 * m[i]! + (1 - b1) * g;
              v[i] = b2 * v[i]! + (1 - b2) * g * g;
              const [mHat, correction] = [m[i] / (1 - b1 ** t), Math.sqrt(1 - b2 ** t)];
              const root = Math.sqrt(v[i]);
              const denominators = {
                uncorrected: (root + 0.3) / correction,
                corrected: root / correction + 0.3,
                floor: Math.max(root / correction, 0.3),
              };
              const step = (lr * mHat) / denominators[eps_placement];
              const keep = 1 - lr * 0.5;
              return weight_decay_timing === 'after_update' ? (w - step) * keep : w * keep - step;
            });
            expectAllClose(await run.read('W'), W, 1e-6);
          }
          run.dispose();
        },
      );
      await fc.assert(law, runs);
    });

    it('signs of the bases’ columns leave SOAP’s weights unchanged', async () => {
      const signs = fc.array(fc.constantFrom(-1, 1), { minLength: 8, maxLength: 8 });
      const law = fc.asyncProperty(labels, signs, async (label, sign) => {
        const W0 = normalMatrix(label, 4, 4);
        const [plain, flipped] = [W0, W0].map((W) => open('soap', W, { precondition_frequency: 4 })) as [
          OptimizerRun,
          OptimizerRun,
        ];
        for (let t = 1; t <= 11; t++) {
          if (t === 4) {
            const flip = async (slot: string, of: (row: number, column: number) => number) => {
              const values = await flipped.read(`W/${slot}`);
              flipped.write({ [`W/${slot}`]: values.map((value, i) => value * of(Math.floor(i / 4), i % 4)) });
            };
            await flip('QL', (_row, column) => sign[column]!);
            await flip('QR', (_row, column) => sign[4 + column]!);
            // Columns of QL are rows of M, columns of QR are columns of M.
            await flip('m', (row, column) => sign[row]! * sign[4 + column]!);
          }
          for (const run of [plain, flipped]) await call(run, gradient(label, 4, 4, t));
          expectAllClose(await flipped.read('W'), await plain.read('W'), 2e-6);
        }
        plain.dispose();
        flipped.dispose();
      });
      await fc.assert(law, runs);
    });

    it.each([
      ['SOAP', 'soap', { precondition_frequency: 3, weight_decay: 0.1 }, 1e-4],
      ['factorized SOAP', 'soap', { precondition_frequency: 3, second_moment: 'factorized' }, 1e-4],
      ['Shampoo', 'shampoo', { precondition_frequency: 3, grafting: 'sgd', epsilon: 1e-6 }, 1e-4],
    ] as const)('%s does not care for orthogonal changes of basis', async (_name, name, options, tolerance) => {
      const law = fc.asyncProperty(labels, async (label) => {
        const size = 4;
        const [U, V] = ['U', 'V'].map((side) => eigenvectorsOf(symmetricWith(`${label} ${side}`, [4, 3, 2, 1])));
        const turned = (X: Matrix) => U!.mmul(X).mmul(V!.transpose());
        const W0 = normalMatrix(label, size, size);
        const plain = open(name, W0, options);
        const other = open(name, turned(W0), options);
        for (let t = 1; t <= 9; t++) {
          const G = gradient(label, size, size, t);
          await call(plain, G);
          await call(other, turned(G));
          const W = Matrix.from1DArray(size, size, await plain.read('W'));
          expectAllClose(await other.read('W'), turned(W).to1DArray(), tolerance);
        }
        plain.dispose();
        other.dispose();
      });
      await fc.assert(law, runs);
    });

    it('factorized SOAP with exact averages and no momentum is Shampoo of exponent 1/2 with the trace (Claim 1)', async () => {
      const law = fc.asyncProperty(labels, sizes, sizes, async (label, rows, columns) => {
        const data = Array.from({ length: 12 }, (_, i) => gradient(label, rows, columns, i));
        const meanOf = (of: (G: Matrix) => Matrix) =>
          data
            .map(of)
            .reduce((a, b) => Matrix.add(a, b))
            .div(data.length);
        const L = meanOf((G) => G.mmul(G.transpose()));
        const R = meanOf((G) => G.transpose().mmul(G));
        const [QL, QR] = [eigenvectorsOf(L), eigenvectorsOf(R)];
        // The averages stand still: the claim is about one step with those of the whole data.
        const still = { betas: [0, 1 - 1e-12], weight_decay: 0 };
        const W0 = normalMatrix(label, rows, columns);
        const soap = open('soap', W0, { ...still, second_moment: 'factorized', eps: 1e-37, correct_bias: false });
        const shampoo = open('shampoo', W0, {
          ...still,
          inverse_exponent: 0.5,
          trace_scaling: true,
          grafting: 'none',
          use_bias_correction: false,
          precondition_frequency: 1,
          epsilon: 1e-12,
        });
        soap.calls = 1;
        soap.write({
          'W/L': L.to1DArray(),
          'W/R': R.to1DArray(),
          'W/QL': QL.to1DArray(),
          'W/QR': QR.to1DArray(),
          'W/vRows': QL.transpose().mmul(L).mmul(QL).diagonal(),
          'W/vColumns': QR.transpose().mmul(R).mmul(QR).diagonal(),
        });
        shampoo.write({ 'W/L': L.to1DArray(), 'W/R': R.to1DArray() });
        for (const run of [soap, shampoo]) await call(run, data[0]!);
        const change = async (run: OptimizerRun) =>
          Array.from(await run.read('W'), (w, i) => (w - W0.to1DArray()[i]!) / lr);
        expectAllClose(await change(shampoo), await change(soap), 2e-4);
        expect(Math.max(...(await change(soap)).map(Math.abs))).toBeGreaterThan(0.1);
        soap.dispose();
        shampoo.dispose();
      });
      await fc.assert(law, runs);
    });
  });

  describe('a refresh that fails', () => {
    it.each([NaN, Infinity, 1e35])('leaves SOAP its basis where the factor holds %f', async (value) => {
      const run = open('soap', normalMatrix('W', 4, 4), { precondition_frequency: 4 });
      for (let t = 1; t <= 4; t++) await call(run, gradient('spoilt', 4, 4, t));
      const L = await run.read('W/L');
      L[5] = value;
      run.write({ 'W/L': L });
      const [QL, QR] = [await run.read('W/QL'), await run.read('W/QR')];
      // The fifth call refreshes.
      const { refreshFailures } = await call(run, gradient('spoilt', 4, 4, 5));
      expect(refreshFailures).toBe(1);
      expect(await run.read('W/QL')).toEqual(QL);
      expect(await run.read('W/QR')).not.toEqual(QR);
      for (let t = 6; t <= 8; t++) {
        const report = await call(run, gradient('spoilt', 4, 4, t));
        expect(report.refreshFailures).toBeUndefined();
        expect(report.updateNorm).toBeGreaterThan(0);
      }
      for (const slot of ['W', 'W/m', 'W/v']) expect((await run.read(slot)).every(Number.isFinite)).toBe(true);
      run.dispose();
    });

    it('gives SOAP the identity where there is no basis yet', async () => {
      const run = open('soap', normalMatrix('W', 3, 3), {});
      // Squares of this are beyond float32.
      const { refreshFailures } = await call(run, Matrix.eye(3).mul(1e25));
      expect(refreshFailures).toBe(2);
      expect([...(await run.read('W/QL'))]).toEqual(Matrix.eye(3).to1DArray());
      run.dispose();
    });

    it.each(['eigh', 'newton'])('leaves Shampoo its roots by %s, or the identity', async (root_method) => {
      const options = { precondition_frequency: 2, root_method, epsilon: 1e-3 };
      const run = open('shampoo', normalMatrix('W', 4, 4), options);
      for (let t = 1; t <= 3; t++) await call(run, gradient('spoilt', 4, 4, t));
      const R = await run.read('W/R');
      R[0] = NaN;
      run.write({ 'W/R': R });
      const [PL, PR] = [await run.read('W/PL'), await run.read('W/PR')];
      expect((await call(run, gradient('spoilt', 4, 4, 4))).refreshFailures).toBe(1);
      expect(await run.read('W/PR')).toEqual(PR);
      expect(await run.read('W/PL')).not.toEqual(PL);
      expect((await run.read('W')).every(Number.isFinite)).toBe(true);
      run.dispose();

      const early = open('shampoo', normalMatrix('W', 3, 3), options);
      early.write({ 'W/L': new Float32Array(9).fill(NaN) });
      for (let t = 1; t <= 2; t++) await call(early, gradient('early', 3, 3, t));
      expect([...(await early.read('W/PL'))]).toEqual(Matrix.eye(3).to1DArray());
      early.dispose();
    });

    it('is none where everything is finite', async () => {
      const run = open('soap', normalMatrix('W', 4, 6), { precondition_frequency: 1 });
      for (let t = 1; t <= 5; t++) expect((await call(run, gradient('fine', 4, 6, t))).refreshFailures).toBe(0);
      run.dispose();
    });
  });
}

function eigenvectorsOf(symmetric: Matrix): Matrix {
  return new EigenvalueDecomposition(symmetric, { assumeSymmetric: true }).eigenvectorMatrix;
}
