import { z } from 'zod';

/** A number that must be whole and at least `least`. */
export const whole = (least: number) => z.int().min(least);

/** More trainings than anybody waits for; a grid grows beyond it by a mistake. */
export const mostTrainings = 10_000;
