/** The first part of a run is steep and alike for all. Drawn in full, it would flatten what differs. */
export const steepPart = 0.15;
