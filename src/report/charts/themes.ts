import { lineColor } from './colors.js';

/** Colours of paper and ink, for charts and page alike. */
export interface Paper {
  readonly background: string;
  readonly ink: string;
  /** Of what is said in passing, axes and captions. */
  readonly quiet: string;
  /** Of rules and grids. */
  readonly rule: string;
}

export const papers = {
  light: { background: '#ffffff', ink: '#1b1e22', quiet: '#5c636b', rule: '#e3e6e9' },
  dark: { background: '#15171a', ink: '#e6e8ea', quiet: '#a0a7ae', rule: '#2e3338' },
} as const satisfies Readonly<Record<string, Paper>>;

export const chartFont = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** ECharts' theme for a paper: everything that is not a curve. */
export function chartTheme({ background, ink, quiet, rule }: Paper): object {
  const axis = {
    axisLine: { show: true, lineStyle: { color: quiet } },
    axisTick: { lineStyle: { color: quiet } },
    axisLabel: { color: quiet, fontSize: 12 },
    nameTextStyle: { color: quiet, fontSize: 12 },
    splitLine: { show: true, lineStyle: { color: rule } },
    minorTick: { lineStyle: { color: rule } },
  };
  return {
    backgroundColor: 'transparent',
    textStyle: { fontFamily: chartFont, color: ink },
    title: { textStyle: { color: ink } },
    legend: { textStyle: { color: ink }, inactiveColor: rule },
    valueAxis: axis,
    logAxis: axis,
    categoryAxis: { ...axis, axisLabel: { ...axis.axisLabel, color: ink }, splitLine: { show: false } },
    tooltip: { backgroundColor: background, borderColor: rule, textStyle: { color: ink } },
    markLine: { label: { color: lineColor } },
  };
}
