// Draws the charts of a report's page, and follows its runs when it is served by `soap-bench watch`.
const content = JSON.parse(document.getElementById('content').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const print = matchMedia('print');
/** Charts that are drawn: by key, what ECharts made and what it was made from. */
const drawn = new Map();
/** The HTML of the sections as it was announced last, by their ids. */
const shown = new Map();

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const theme = () => content.themes[dark.matches && !print.matches ? 'dark' : 'light'];

function numberText(value) {
  if (typeof value !== 'number') return String(value);
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

/** What a pointer shows: the place, and every curve in the foreground there, the lowest first. */
function tooltipText(points) {
  const list = (Array.isArray(points) ? points : [points]).filter(
    ({ seriesId, value }) => seriesId !== 'lines' && value,
  );
  const front = list.filter(({ seriesId }) => !/ seed \d+$/.test(seriesId) || list.length === 1);
  const lines = (front.length > 0 ? front : list)
    .toSorted((a, b) => a.value[1] - b.value[1])
    .map((point) => {
      const what = point.seriesId.replace(/^\d+ /, '');
      const [x, y] = point.value;
      const number = typeof y === 'string' ? x : y;
      const text = point.seriesId.endsWith('missed') ? 'missed' : numberText(number);
      return `<br>${point.marker}${escapeHtml(point.seriesName)} <small>${escapeHtml(what)}</small> <b>${text}</b>`;
    });
  const [x, y] = list[0]?.value ?? [];
  return escapeHtml(typeof y === 'string' ? y : numberText(x)) + lines.join('');
}

/** An option with what only a page has: tooltips, zooming, axes as the reader wants them. */
function interactive(option, logarithmic) {
  const named = option.yAxis.type === 'category';
  const curves = option.series.some(({ type, data }) => type === 'line' && data.length > 2) && !named;
  const axis = (name) => {
    if (!logarithmic[name]) return option[name];
    return { ...option[name], type: 'log', min: undefined, max: undefined };
  };
  const positive = ([x, y]) => (!logarithmic.xAxis || x > 0) && (!logarithmic.yAxis || y > 0);
  // Long names on a phone take two or three lines.
  const label = { width: 130, overflow: 'break', fontSize: 11, lineHeight: 13 };
  const narrow = named && innerWidth <= 600 ? { axisLabel: label } : {};
  return {
    ...option,
    xAxis: axis('xAxis'),
    yAxis: { ...axis('yAxis'), ...narrow },
    series: option.series.map((series) => ({ ...series, data: named ? series.data : series.data.filter(positive) })),
    tooltip: { trigger: curves ? 'axis' : 'item', formatter: tooltipText, confine: true, transitionDuration: 0 },
    toolbox: {
      left: -99,
      feature: { dataZoom: { filterMode: 'none', brushStyle: { color: 'rgba(128,128,128,0.2)' } } },
    },
  };
}

/** Dragging selects what to see. Fingers scroll the page instead. */
function zoomByDragging(chart) {
  const zoom = { type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true };
  if (matchMedia('(pointer: fine)').matches) chart.dispatchAction(zoom);
}

function render(key) {
  const { chart, option, logarithmic } = drawn.get(key);
  chart.setOption(interactive(option, logarithmic), { replaceMerge: ['series'] });
  zoomByDragging(chart);
}

function draw(key) {
  const box = document.querySelector(`[data-chart="${CSS.escape(key)}"]`);
  const chart = echarts.init(box, theme(), { renderer: 'svg' });
  drawn.set(key, { box, chart, option: content.charts[key], logarithmic: { xAxis: false, yAxis: false } });
  render(key);
  chart.getDom().addEventListener('dblclick', () => {
    // Everything again, also after several selections.
    chart.setOption(interactive(drawn.get(key).option, drawn.get(key).logarithmic), true);
    zoomByDragging(chart);
  });
  addLegend(key);
  addScales(key);
  new ResizeObserver(() => chart.resize()).observe(box);
}

function addLegend(key) {
  const { box, chart } = drawn.get(key);
  for (const button of box.closest('figure').querySelectorAll('[data-series]')) {
    button.addEventListener('click', () => {
      chart.dispatchAction({ type: 'legendToggleSelect', name: button.dataset.series });
      button.ariaPressed = button.ariaPressed === 'true' ? 'false' : 'true';
    });
  }
}

/** Buttons for logarithmic axes, where an axis is linear and has numbers. */
function addScales(key) {
  const { box, option } = drawn.get(key);
  const names = Object.entries({ xAxis: 'log x', yAxis: 'log y' }).filter(([name]) => option[name].type === 'value');
  if (names.length < 2 || option.yAxis.type === 'category') return;
  const scales = document.createElement('div');
  scales.className = 'scales';
  for (const [name, text] of names) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: text, ariaPressed: 'false' });
    button.addEventListener('click', () => {
      const { logarithmic } = drawn.get(key);
      logarithmic[name] = !logarithmic[name];
      button.ariaPressed = String(logarithmic[name]);
      render(key);
    });
    scales.append(button);
  }
  box.closest('figure').prepend(scales);
}

for (const key of Object.keys(content.charts)) draw(key);
if (content.events !== undefined) follow();

/** Takes over what is announced. After a lost connection the browser asks again by itself. */
function follow() {
  const connection = document.getElementById('connection');
  const source = new EventSource(content.events);
  source.addEventListener('content', (event) => {
    connection.hidden = true;
    update(JSON.parse(event.data));
  });
  source.addEventListener('error', () => {
    connection.textContent = 'soap-bench watch does not answer. This is what it last said; trying again.';
    connection.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  });
}

/** Replaces the sections that have changed; curves move without their charts being drawn anew. */
function update({ title, version, sections, charts }) {
  if (version !== content.version) {
    document.title = title;
    content.charts = charts;
    placeSections(sections);
    for (const key of Object.keys(charts)) redraw(key, charts[key]);
  }
  for (const { id, html } of sections) shown.set(id, html);
  content.version = version;
}

function placeSections(sections) {
  const main = document.querySelector('main');
  const old = new Map([...main.children].map((section) => [section.dataset.section, section]));
  const placed = sections.map(({ id, html }) => {
    const section = old.get(id) ?? document.createElement('section');
    section.dataset.section = id;
    if (shown.get(id) !== html) section.innerHTML = html;
    return section;
  });
  const same = placed.length === main.children.length && placed.every((section, i) => section === main.children[i]);
  if (!same) main.replaceChildren(...placed);
}

function redraw(key, option) {
  const known = drawn.get(key);
  if (known?.box.isConnected) {
    known.option = option;
    render(key);
  } else {
    known?.chart.dispose();
    draw(key);
  }
}

const inNewColors = () => {
  for (const { chart } of drawn.values()) chart.setTheme(theme());
};
dark.addEventListener('change', inNewColors);
print.addEventListener('change', inNewColors);
addEventListener('beforeprint', () => {
  inNewColors();
  // Sheets are narrower than screens.
  for (const { chart } of drawn.values()) chart.resize({ width: Math.min(680, chart.getWidth()) });
});
addEventListener('afterprint', () => {
  for (const { chart } of drawn.values()) chart.resize({ width: 'auto' });
});
