/** The default number of rounds in which every setting is timed. */
export const usualRounds = 3;
