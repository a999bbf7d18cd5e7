import type { ReportData } from '../report-data.js';
import type { Chart } from './chart.js';
import { memoryChart, stepTimeChart } from './cost-charts.js';
import { criticalBatchChart } from './critical-batch-chart.js';
import { efficiencyCharts } from './efficiency-chart.js';
import { lossCharts } from './loss-charts.js';
import { sensitivityCharts } from './setting-charts.js';
import { targetCharts } from './target-charts.js';
import { overheadChart } from '../step-times/overhead-chart.js';
import { tuningChart } from './tuning-chart.js';

const made = new WeakMap<ReportData, readonly Chart[]>();

/** All charts that a directory has the data for, in the order in which they are read. Page and files show the same ones. */
export function chartsOf(data: ReportData): readonly Chart[] {
  const charts = made.get(data) ?? makeCharts(data);
  made.set(data, charts);
  return charts;
}

function makeCharts(data: ReportData): Chart[] {
  return [
    ...efficiencyCharts(data),
    ...lossCharts(data),
    ...targetCharts(data),
    ...tuningChart(data.summary.tuning, data.colors),
    ...sensitivityCharts(data),
    ...criticalBatchChart(data),
    ...overheadChart(data),
    ...stepTimeChart(data),
    ...memoryChart(data),
  ];
}
