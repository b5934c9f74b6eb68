import uPlot from '../uplot/1.6.30/dist/uPlot.esm.js';
import { axis, brief, byId, color, count, dollars, element, fill, say } from './dom.js';

const HEIGHT = 240;
const MONTHS = 13;
const PAGE = 1000; // rows of an answer at most
const COLORS = ['--blue', '--teal', '--amber', '--rose', '--violet', '--slate'];
const measures = {
  cost: [(row) => Number(row.cost_usd), dollars],
  tokens: [(row) => row.input_cached + row.input_uncached + row.output, brief],
  calls: [(row) => row.calls, brief],
};
let order = ['cost', -1];
let rows = [];
let days = [];
let chart = null;
let asked = 0;

const month = () => byId('month').value;

function query(by) {
  const [year, number] = month().split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  const tenant = byId('usage-tenant').value.trim();
  return `usage?from=${month()}-01&to=${next}&by=${by}&limit=${PAGE}${tenant && `&tenant=${encodeURIComponent(tenant)}`}`;
}

async function read(url, accept) {
  const answer = await fetch(url, { headers: { accept, 'x-requested-with': 'XMLHttpRequest' }, redirect: 'manual' });
  if (!answer.ok) throw new Error(answer.status === 503 ? 'The ledger does not answer; the figures are not lost. Try again later.' : `The gateway answered ${answer.status}.`);
  return answer;
}

async function all(by) {
  const found = [];
  for (let offset = 0; offset !== null;) {
    const page = await (await read(`${query(by)}&offset=${offset}`, 'application/json')).json();
    found.push(...page.rows);
    offset = page.next_offset;
  }
  return found;
}

/** Reads the month again; what was asked before and comes later is dropped. */
export async function load() {
  const mine = ++asked;
  byId('usage-table').setAttribute('aria-busy', 'true');
  try {
    const [table, byDay] = await Promise.all([all('tenant,model'), all('day,model')]);
    if (mine !== asked) return;
    [rows, days] = [table, byDay];
    say('usage-state', '');
  } catch (failure) {
    if (mine !== asked) return;
    [rows, days] = [[], []];
    say('usage-state', failure.message);
  }
  byId('usage-table').removeAttribute('aria-busy');
  show();
}

const columns = {
  tenant: (row) => row.tenant, model: (row) => row.model, calls: (row) => row.calls, cached: (row) => row.input_cached,
  uncached: (row) => row.input_uncached, output: (row) => row.output, cost: (row) => Number(row.cost_usd),
  estimated: (row) => row.estimated_calls, unpriced: (row) => row.unpriced_calls,
};

const sum = (figure) => rows.reduce((total, row) => total + columns[figure](row), 0);

function table() {
  const [by, direction] = order;
  const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a - b);
  const sorted = rows.toSorted((a, b) => direction * compare(columns[by](a), columns[by](b)) || a.tenant.localeCompare(b.tenant) || a.model.localeCompare(b.model));
  const cells = (get) => [[count(get('calls')), 'n'], [count(get('cached')), 'n'], [count(get('uncached')), 'n'], [count(get('output')), 'n'],
    [dollars(get('cost')), 'n'], [count(get('estimated')), 'n'], [count(get('unpriced')), get('unpriced') > 0 ? 'n warn' : 'n']];
  fill(byId('usage-table').tBodies[0], sorted.map((row) => [`${row.tenant} ${row.model}`, [[row.tenant], [row.model], ...cells((name) => columns[name](row))]]),
    'No call was recorded in this month.');
  fill(byId('usage-table').tFoot, rows.length ? [['all', [['All'], [''], ...cells(sum)]]] : []);
  document.querySelectorAll('#usage-table th[data-by]').forEach((head) => {
    if (head.dataset.by === by) head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
    else head.removeAttribute('aria-sort');
  });
}

/** Bars by day, the models on top of each other: drawn as sums, the largest first, so that the smaller ones cover it. */
function stacked(measure) {
  const [figure] = measures[measure];
  const [year, number] = month().split('-').map(Number);
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const models = [...new Set(days.map((row) => row.model))].toSorted();
  const sums = new Array(length).fill(0);
  const layers = models.map((model) => {
    days.filter((row) => row.model === model).forEach((row) => { sums[Number(row.day.slice(8)) - 1] += figure(row); });
    return { model, values: [...sums] };
  });
  return { x: sums.map((value, at) => at + 1), layers };
}

export function draw() {
  if (chart) chart.destroy();
  const measure = document.querySelector('input[name=measure]:checked').value;
  const { x, layers } = stacked(measure);
  const format = measures[measure][1];
  const paints = layers.map((layer, at) => color(COLORS[at % COLORS.length]));
  const drawn = layers.map((layer, at) => ({ ...layer, paint: paints[at] })).toReversed();
  chart = new uPlot({
    width: byId('usage-chart').clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [0.4, x.length + 0.6] }, y: { range: (self, low, high) => [0, high * 1.08 || 1] } },
    axes: [{ ...axis(), grid: { show: false }, incrs: [1, 2, 5] }, { ...axis(), size: 64, values: (self, values) => values.map(format) }],
    series: [{}, ...drawn.map(({ paint }) => ({ fill: paint, stroke: paint, width: 0, paths: uPlot.paths.bars({ size: [0.7, 40] }), points: { show: false } }))],
  }, [x, ...drawn.map(({ values }) => values)], byId('usage-chart'));
  byId('usage-models').replaceChildren(...layers.map(({ model }, at) => {
    const item = element('li', model);
    item.style.setProperty('--paint', `var(${COLORS[at % COLORS.length]})`);
    return item;
  }));
  const total = layers.length ? layers.at(-1).values : [];
  const most = total.indexOf(Math.max(...total));
  byId('usage-chart').setAttribute('aria-label', total.length === 0 ? 'No usage in this month'
    : `${measure} by day and model; most on day ${most + 1}: ${format(total[most])}. The table has all figures.`);
}

export function show() {
  table();
  say('usage-cost', rows.length ? dollars(sum('cost')) : '–');
  say('usage-tokens', rows.length ? brief(sum('cached') + sum('uncached') + sum('output')) : '–');
  say('usage-calls', rows.length ? brief(sum('calls')) : '–');
  const prompt = sum('cached') + sum('uncached');
  say('usage-cached', prompt > 0 ? `${count((100 * sum('cached')) / prompt)} %` : '–');
  draw();
}

export const resize = () => chart && chart.setSize({ width: byId('usage-chart').clientWidth, height: HEIGHT });

/** All pages of the table as one file. */
async function download() {
  let text = '';
  for (let offset = 0, more = true; more; offset += PAGE) {
    const page = await (await read(`${query('tenant,model')}&offset=${offset}`, 'text/csv')).text();
    const lines = page.trimEnd().split('\n');
    text += `${(offset === 0 ? lines : lines.slice(1)).join('\n')}\n`;
    more = lines.length > PAGE;
  }
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = `deepgate-usage-${month()}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Fills the choice of months, the latest first, and listens. */
export function begin() {
  const now = new Date();
  byId('month').append(...Array.from({ length: MONTHS }, (nothing, back) => {
    const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    const option = element('option', start.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }));
    option.value = start.toISOString().slice(0, 7);
    return option;
  }));
  byId('month').addEventListener('change', load);
  byId('usage-tenant').addEventListener('change', load);
  byId('csv').addEventListener('click', () => download().catch((failure) => say('usage-state', failure.message)));
  document.querySelectorAll('input[name=measure]').forEach((choice) => choice.addEventListener('change', draw));
  document.querySelectorAll('#usage-table th[data-by] button').forEach((button) => button.addEventListener('click', () => {
    const by = button.parentNode.dataset.by;
    order = [by, order[0] === by ? -order[1] : by === 'tenant' || by === 'model' ? 1 : -1];
    table();
  }));
}

/** Offers the tenants there are as choices. */
export function offer(live) {
  const names = live.tenants.map((tenant) => tenant.id);
  if (byId('tenant-names').dataset.key === names.join()) return;
  byId('tenant-names').dataset.key = names.join();
  byId('tenant-names').replaceChildren(...names.map((name) => {
    const option = element('option');
    option.value = name;
    return option;
  }));
}
