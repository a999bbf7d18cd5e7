/** An axis of a chart. */
export interface Axis {
  /** Column of the chart's CSV file. */
  readonly key: string;
  /** Written beside it, with its unit. */
  readonly name: string;
  readonly scale: 'linear' | 'log' | 'category';
  /** Of a category axis, the first at the top. */
  readonly categories?: readonly string[];
  /** Where numbers stand; left out, at round ones. */
  readonly ticks?: readonly number[];
  /** Whether it begins at zero; lengths of bars only compare then. */
  readonly zero?: boolean;
  /** Largest value shown at first, where the rest would flatten what differs. */
  readonly max?: number;
}

/** Lines of one colour differ in their dashes. */
export type LineShape = 'line' | 'dashed' | 'dotted';

/** Values as they are: an infinite one is a miss, which is drawn as a cross at the end of its axis. */
export type Point = readonly [x: number | string, y: number | string];

export interface Series {
  /** In the legend; series of the same name belong together. */
  readonly name: string;
  /** What the points are: `mean`, `seed 0`, `fit`. A column of the CSV file. */
  readonly what: string;
  readonly color: string;
  readonly shape: LineShape | 'points' | 'crosses' | 'bars';
  /** 0 to 1: how much it stands out. */
  readonly opacity: number;
  readonly points: readonly Point[];
  /** What a cross stands for in this series, `not reached`. */
  readonly missed?: string;
  /** Bars of the same stack stand upon each other. */
  readonly stack?: string;
}

/** A line across the whole chart. */
export interface ReferenceLine {
  readonly name: string;
  readonly axis: 'x' | 'y';
  readonly at: number;
}

/** A chart as data. It is drawn as SVG, within the page, and written as CSV, all from this. */
export interface Chart {
  /** Name of its files. */
  readonly id: string;
  readonly title: string;
  /** What one sees, and how it was measured, in a sentence or two. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly lines: readonly ReferenceLine[];
}
