/** Steps of the longest training that can be asked for. */
export const mostSteps = 100_000_000;

/** More trainings than anybody waits for; a grid grows beyond it by a mistake. */
export const mostTrainings = 10_000;
