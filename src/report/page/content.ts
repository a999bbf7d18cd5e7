import type { ChartOption } from '../charts/chart-option.js';

/** A part of the page that is replaced by itself when it changes. */
export interface Section {
  readonly id: string;
  readonly html: string;
}

/** What the page shows of its directories. */
export interface PageContent {
  readonly sections: readonly Section[];
  /** Charts by the `data-chart` of their boxes. */
  readonly charts: Readonly<Record<string, ChartOption>>;
}

/** Contents one after the other. */
export function joined(parts: readonly PageContent[]): PageContent {
  return {
    sections: parts.flatMap(({ sections }) => sections),
    charts: Object.assign({}, ...parts.map(({ charts }) => charts)) as PageContent['charts'],
  };
}
