import uPlot from '../uplot/1.6.30/dist/uPlot.esm.js';
import { axis, brief, byId, clock, color, count, element, fill, millis, rate, say } from './dom.js';

const SPAN = 300; // points kept: five minutes
const HEIGHT = 150;
const WHOLE = Array.from({ length: 9 }, (nothing, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const CHARTS = [['calls-chart', 1], ['tokens-chart', 2], ['first-chart', 3], ['flight-chart', 4]];
const history = [[], [], [], [], []]; // time, calls/s, tokens/s, first token ms, in flight
let charts = [];
let before = null;

/** Keeps what the gateway says now for the charts. */
export function note(live) {
  const inFlight = live.tenants.reduce((sum, tenant) => sum + tenant.inFlight, 0);
  const now = Date.parse(live.now) / 1000;
  const after = before && live.sums.calls >= before.sums.calls; // a gateway that has started again counts from 0
  const seconds = after ? now - Date.parse(before.now) / 1000 : 0;
  const perSecond = (name) => (seconds > 0 ? (live.sums[name] - before.sums[name]) / seconds : null);
  const firsts = after ? live.sums.firstTokens - before.sums.firstTokens : 0;
  const first = firsts > 0 ? ((live.sums.firstTokenSeconds - before.sums.firstTokenSeconds) / firsts) * 1000 : null;
  const point = [now, perSecond('calls'), perSecond('tokens'), first, inFlight];
  history.forEach((values, at) => {
    values.push(point[at]);
    if (values.length > SPAN) values.shift();
  });
  before = live;
}

function plot(id, series) {
  const blue = color('--blue');
  const chart = new uPlot({
    width: byId(id).clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: {
      x: { range: (self, low, high) => [high - SPAN, high] },
      y: { range: (self, low, high) => [0, Math.max(4, high * 1.1 || 0)] },
    },
    axes: [
      { ...axis(), size: 26, incrs: [60, 120], values: (self, values) => values.map((at) => clock(at * 1000).slice(0, 5)) },
      { ...axis(), size: 46, incrs: WHOLE, values: (self, values) => values.map(brief) },
    ],
    series: [{}, { stroke: blue, width: 2, fill: blue.replace('rgb(', 'rgba(').replace(')', ', .12)'), spanGaps: true, points: { show: false } }],
  }, [history[0], history[series]], byId(id));
  return { chart, series, id };
}

/** Makes the charts again: the view has appeared, or its colours have changed. */
export function draw() {
  charts.forEach(({ chart }) => chart.destroy());
  charts = CHARTS.map(([id, series]) => plot(id, series));
}

export const resize = () => charts.forEach(({ chart, id }) => chart.setSize({ width: byId(id).clientWidth, height: HEIGHT }));

const words = (state) => state.toLowerCase().replaceAll('_', ' ');
const outcomes = { completed: 'good', cancelled: 'warn', rejected: 'warn' };

function chip(breaker) {
  const item = element('li', `${breaker.name} `);
  item.append(element('span', words(breaker.state), breaker.state === 'CLOSED' ? 'good' : 'bad'));
  return item;
}

/** Those of upstreams, and of tenants only those that keep calls away. */
function breakers(all) {
  const shown = all.filter((one) => !one.ofTenant || one.state !== 'CLOSED');
  const rest = all.length - shown.length;
  const key = JSON.stringify([shown, rest]);
  if (byId('breakers').dataset.key === key) return;
  byId('breakers').dataset.key = key;
  byId('breakers').replaceChildren(...shown.map(chip));
  say('closed-breakers', all.length === 0 ? 'None yet: no call has been sent.'
    : rest === 0 ? '' : `${count(rest)} more, each before one tenant’s calls: all closed.`);
}

export function show(live) {
  const last = history.map((values) => values.at(-1));
  say('calls-rate', last[1] === null ? '–' : rate(last[1]));
  say('tokens-rate', last[2] === null ? '–' : rate(last[2]));
  const first = history[3].findLast((value) => value !== null);
  say('first-token', first === undefined ? '–' : millis(first));
  say('in-flight', count(last[4]));
  charts.forEach(({ chart, series }) => chart.setData([history[0], history[series]]));
  breakers(live.breakers);
  fill(byId('upstreams').tBodies[0], live.upstreams.map((one) => [`${one.upstream}/${one.model}`, [
    [one.upstream], [one.model], [count(one.inUse), 'n'], [count(one.limit), 'n'], [count(one.queued), one.queued > 0 ? 'n warn' : 'n']]]),
  'None yet: no call has been sent.');
  fill(byId('calls').tBodies[0], live.calls.map((call) => [call.requestId, [
    [clock(Date.parse(call.at))], [call.tenant], [call.alias ?? '–'], [call.outcome, outcomes[call.outcome] ?? 'bad'],
    [call.status, 'n'], [count(call.tokens), 'n'], [call.firstTokenMillis === null ? '–' : millis(call.firstTokenMillis), 'n'],
    [millis(call.millis), 'n'], [call.requestId, 'soft']]]), 'No call has ended since this gateway started.');
}
