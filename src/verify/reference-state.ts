import { z } from 'zod';
import { SoapBenchError, exitCodes } from '../errors.js';

const values = z.array(z.number());
const sides = z.tuple([values.nullable(), values.nullable()]).or(z.tuple([values.nullable()]));

/** State of the authors' SOAP: one matrix per side, null for the identity. Its first step makes no update: moments are zero. */
const authors = z.strictObject({ GG: sides, Q: sides });

const nvidia = z.strictObject({
  step: z.number(),
  exp_avg: values,
  exp_avg_sq: values,
  L: values,
  R: values,
  Q_L: values,
  Q_R: values,
  eigvals_L: values,
  eigvals_R: values,
});

type Slots = Record<string, readonly number[]>;

/**
 * Translates a reference's state of one parameter to the names of SOAP's slots here. Null is a parameter without state.
 * @throws SoapBenchError `file_invalid` if it is not the state of a known reference.
 */
export function translateState(reference: string, state: Readonly<Record<string, unknown>> | null): Slots {
  if (state === null) return {};
  const ofAuthors = authors.safeParse(state);
  if (ofAuthors.success) {
    const { GG, Q } = ofAuthors.data;
    return present({ L: GG[0], R: GG[1], QL: Q[0], QR: Q[1] });
  }
  const ofNvidia = nvidia.safeParse(state);
  if (ofNvidia.success) {
    const { exp_avg, exp_avg_sq, L, R, Q_L, Q_R, eigvals_L, eigvals_R } = ofNvidia.data;
    return { m: exp_avg, v: exp_avg_sq, L, R, QL: Q_L, QR: Q_R, EL: eigvals_L, ER: eigvals_R };
  }
  throw new SoapBenchError('file_invalid', `the state of ${reference} has the keys ${Object.keys(state).join(', ')}`, {
    exitCode: exitCodes.usage,
    hint: 'known are GG and Q as SOAP’s authors have them, and the state of NVIDIA’s SOAP',
  });
}

function present(slots: Record<string, readonly number[] | null | undefined>): Slots {
  return Object.fromEntries(Object.entries(slots).filter((entry): entry is [string, readonly number[]] => !!entry[1]));
}
