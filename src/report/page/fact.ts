/** A line of what was done: a term and what it was here. */
export type Fact = readonly [term: string, text: string];
