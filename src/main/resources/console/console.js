import uPlot from '../uplot/1.6.30/dist/uPlot.esm.js';

const SPAN = 300; // points kept: five minutes
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const byId = (id) => document.getElementById(id);
const history = [[], [], [], [], []]; // time, calls/s, tokens/s, first token ms, in flight
let charts = [];
let before = null;
let latest = null;

/** An element with text and children; what comes from the gateway is never read as HTML. */
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(cells) {
  const made = element('tr');
  for (const [text, className] of cells) made.append(element('td', text, className));
  return made;
}

function plot(id, series) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => {
    const probe = element('span');
    probe.style.color = `var(${name})`;
    byId(id).append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily || 'system-ui'}` };
  const chart = new uPlot({
    width: byId(id).clientWidth,
    height: 150,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { range: (self, low, high) => [Math.min(low, high - 60), high] }, y: { range: (self, low, high) => [0, Math.max(1, high * 1.1 || 1)] } },
    axes: [axis, { ...axis, size: 48 }],
    series: [{}, { stroke: color('--blue'), width: 2, fill: color('--blue').replace('rgb(', 'rgba(').replace(')', ', .12)'), spanGaps: true, points: { show: false } }],
  }, [history[0], history[series]], byId(id));
  return { chart, series, id };
}

function draw() {
  charts.forEach(({ chart }) => chart.destroy());
  charts = [['calls-chart', 1], ['tokens-chart', 2], ['first-chart', 3], ['flight-chart', 4]].map(([id, series]) => plot(id, series));
}

function note(live) {
  const inFlight = live.tenants.reduce((sum, tenant) => sum + tenant.inFlight, 0);
  const now = Date.parse(live.now) / 1000;
  const after = before && live.sums.calls >= before.sums.calls; // a gateway that has started again counts from 0
  const seconds = after ? now - Date.parse(before.now) / 1000 : 0;
  const rate = (name) => (seconds > 0 ? (live.sums[name] - before.sums[name]) / seconds : null);
  const firsts = after ? live.sums.firstTokens - before.sums.firstTokens : 0;
  const first = firsts > 0 ? ((live.sums.firstTokenSeconds - before.sums.firstTokenSeconds) / firsts) * 1000 : null;
  const point = [now, rate('calls'), rate('tokens'), first, inFlight];
  history.forEach((values, at) => {
    values.push(point[at]);
    if (values.length > SPAN) values.shift();
  });
  before = live;
  byId('calls-rate').textContent = point[1] === null ? '–' : number.format(point[1]);
  byId('tokens-rate').textContent = point[2] === null ? '–' : whole.format(point[2]);
  const lastFirst = history[3].findLast((value) => value !== null);
  byId('first-token').textContent = lastFirst === undefined ? '–' : `${whole.format(lastFirst)} ms`;
  byId('in-flight').textContent = whole.format(inFlight);
}

const good = (outcome) => (outcome === 'completed' ? 'good' : outcome === 'cancelled' || outcome === 'rejected' ? 'warn' : 'bad');

function showLive(live) {
  charts.forEach(({ chart, series }) => chart.setData([history[0], history[series]]));
  byId('breakers').replaceChildren(...(live.breakers.length ? live.breakers : [{ name: 'None yet: no call has been sent', state: '' }]).map((breaker) => {
    const item = element('li', breaker.name + ' ');
    item.append(element('span', breaker.state.toLowerCase().replace('_', ' '), breaker.state === 'CLOSED' ? 'good' : 'bad'));
    return item;
  }));
  byId('upstreams').tBodies[0].replaceChildren(...live.upstreams.map((one) => row([
    [one.upstream], [one.model], [whole.format(one.inUse), 'n'], [whole.format(one.limit), 'n'], [whole.format(one.queued), 'n']])));
  byId('calls').tBodies[0].replaceChildren(...live.calls.map((call) => row([
    [new Date(call.at).toLocaleTimeString()], [call.tenant], [call.alias ?? '–'], [call.outcome, good(call.outcome)], [call.status, 'n'],
    [whole.format(call.tokens), 'n'], [call.firstTokenMillis === null ? '–' : `${whole.format(call.firstTokenMillis)} ms`, 'n'],
    [`${whole.format(call.millis)} ms`, 'n'], [call.requestId, 'soft']])));
}

const limit = (value, unit) => (value === null ? [] : [`${whole.format(value)} ${unit}`]);

function age(created) {
  if (!created) return 'age unknown';
  const days = Math.floor((Date.now() - Date.parse(created)) / 86400000);
  return days === 0 ? 'made today' : `${days} days old`;
}

function key(one) {
  const ended = one.expires && Date.parse(one.expires) < Date.now();
  const soon = one.expires && Date.parse(one.expires) < Date.now() + 14 * 86400000;
  const item = element('div');
  item.append(element('code', one.id), ` ${age(one.created)}, `,
    element('span', one.expires ? `${ended ? 'expired' : 'expires'} ${one.expires.slice(0, 10)}` : 'never expires', ended ? 'bad' : soon ? 'warn' : ''),
    one.lastUse ? `, used ${new Date(one.lastUse).toLocaleString()}` : ', not used yet');
  return item;
}

function showTenants(live) {
  const words = byId('find').value.trim().toLowerCase();
  const shown = live.tenants.filter((tenant) => tenant.id.includes(words) || tenant.keys.some((one) => one.id.toLowerCase().includes(words)));
  byId('tenant-list').tBodies[0].replaceChildren(...shown.map((tenant) => {
    const made = row([
      [tenant.id], [whole.format(tenant.inFlight), 'n'], [whole.format(tenant.calls), 'n'], [whole.format(tenant.rejected), 'n'],
      [whole.format(tenant.tokens), 'n'], [tenant.dollars.toFixed(2), 'n'],
      [[...limit(tenant.limits.requestsPerMinute, 'requests/min'), ...limit(tenant.limits.tokensPerMinute, 'tokens/min'), ...limit(tenant.limits.concurrentRequests, 'at a time')].join(', ') || 'none'],
      [[...limit(tenant.dollarsPerDay, 'USD/day'), ...limit(tenant.dollarsPerMonth, 'USD/month')].join(', ') || 'none']]);
    const keys = element('td');
    keys.append(...(tenant.keys.length ? tenant.keys.map(key) : ['none']));
    made.append(keys);
    return made;
  }));
}

function view() {
  const name = location.hash === '#tenants' ? 'tenants' : 'live';
  for (const section of ['live', 'tenants']) byId(section).hidden = section !== name;
  document.querySelectorAll('nav a').forEach((link) => (link.hash === `#${name}` ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current')));
  if (latest) show(latest);
  if (name === 'live') draw();
}

function show(live) {
  if (byId('live').hidden) showTenants(live);
  else showLive(live);
  byId('access').hidden = live.login;
  const refusals = live.refusals.join('\n');
  if (byId('refusals').dataset.text !== refusals) {
    byId('refusals').dataset.text = refusals;
    byId('refusals').replaceChildren(...live.refusals.map((text) => element('p', text)));
  }
}

function state(text, lost) {
  if (byId('state').textContent !== text) byId('state').textContent = text;
  byId('state').classList.toggle('lost', lost);
}

async function look() {
  try {
    const answer = await fetch('console/live', { signal: AbortSignal.timeout(5000), redirect: 'error' });
    if (answer.status === 401) location.reload();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    latest = await answer.json();
    note(latest);
    show(latest);
    state('Live', false);
  } catch {
    state('The gateway does not answer; trying again', true);
  }
  setTimeout(look, document.hidden ? 5000 : 1000);
}

addEventListener('hashchange', view);
addEventListener('resize', () => charts.forEach(({ chart, id }) => chart.setSize({ width: byId(id).clientWidth, height: 150 })));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => byId('live').hidden || draw());
byId('find').addEventListener('input', () => latest && showTenants(latest));
view();
look();
