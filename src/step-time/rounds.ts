/** How often every setting is timed when nobody says otherwise. */
export const usualRounds = 3;
