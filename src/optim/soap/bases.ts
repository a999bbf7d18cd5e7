import { add, ones, range, type Tensor } from '@tensorflow/tfjs-core';
import type { Spectra } from '../matrix/kronecker-factors.js';
import type { SidePair } from '../matrix/kronecker.js';
import { guarded } from '../matrix/matrix-functions-guard.js';
import { diagonalIn, eigenbasis, refreshBasis, type RefreshRules } from '../matrix/matrix-functions.js';
import type { SoapOptions } from './options.js';
import { identityLike } from '../matrix/tensor-functions.js';

/** The bases after their first computation or a refresh. */
export interface ChangedBases extends Spectra {
  /** The permutations of the old columns, for values stored per column; absent for the first bases. */
  readonly orders: SidePair;
  /** The number of sides that kept the old basis, as the new one was not finite (rank 0); absent if no side is rotated. */
  readonly failures: Tensor | undefined;
}

type ChangedSide = Readonly<{ basis: Tensor; eigenvalues?: Tensor | undefined; order?: Tensor | undefined }>;

/** Added to the diagonal of the first factor before its eigendecomposition, as in the authors' code. */
const firstRidge = 1e-30;

/** Computes the first bases of the factors. A factor that is not finite gets the identity. */
export function firstBases(factors: SidePair, options: SoapOptions): ChangedBases {
  const needsEigenvalues = options.factor_update === 'kl';
  return together(factors, (factor) => {
    const identity = identityLike(factor);
    return guarded<ChangedSide>(
      factor,
      (usable) => {
        const basis =
          options.first_basis === 'eigh'
            ? eigenbasis(usable, firstRidge, options.eigenvalue_order)
            : refreshBasis(usable, identity, { ...refreshRules(options), method: 'qr' }).basis;
        return { basis, eigenvalues: needsEigenvalues ? diagonalIn(usable, basis) : undefined };
      },
      { basis: identity, eigenvalues: needsEigenvalues ? ones([factor.shape[0]]) : undefined },
    );
  });
}

/** Refreshes the bases. A side whose factor or new basis is not finite keeps its old basis. */
export function refreshedBases(factors: SidePair, old: Spectra, options: SoapOptions): ChangedBases {
  const needsEigenvalues = options.factor_update === 'kl';
  const follows = options.second_moment_at_refresh === 'permute';
  return together(factors, (factor, side) => {
    const basis = old.bases[side]!;
    return guarded<ChangedSide>(
      factor,
      (usable) => {
        const next = refreshBasis(usable, basis, refreshRules(options));
        return {
          basis: next.basis,
          eigenvalues: needsEigenvalues ? diagonalIn(usable, next.basis) : undefined,
          order: follows ? next.order : undefined,
        };
      },
      {
        basis,
        eigenvalues: old.eigenvalues[side],
        order: follows ? range(0, factor.shape[0], 1, 'int32') : undefined,
      },
    );
  });
}

function together(
  factors: SidePair,
  change: (factor: Tensor, side: 'left' | 'right') => { result: ChangedSide; failed: Tensor },
): ChangedBases {
  const left = factors.left && change(factors.left, 'left');
  const right = factors.right && change(factors.right, 'right');
  return {
    bases: { left: left?.result.basis, right: right?.result.basis },
    eigenvalues: { left: left?.result.eigenvalues, right: right?.result.eigenvalues },
    orders: { left: left?.result.order, right: right?.result.order },
    failures: left && right ? add(left.failed, right.failed) : (left ?? right)?.failed,
  };
}

function refreshRules(options: SoapOptions): RefreshRules {
  return {
    method: options.refresh_method,
    powerIterations: options.power_iterations,
    sort: options.sort_columns,
    eigenvalueOrder: options.eigenvalue_order,
  };
}
