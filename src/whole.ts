import { z } from 'zod';

/** A number that must be whole, at least `least` and at most `most`. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.int().min(least).max(most);
