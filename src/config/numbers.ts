import { z } from 'zod';

/** A number that must be whole and at least `least`. */
export const whole = (least: number) => z.int().min(least);
