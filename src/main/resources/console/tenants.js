import { ago, brief, byId, count, dollars, element, fill } from './dom.js';

const MINUTE = 60000;
const DAY = 86400000;
const samples = []; // of the last minute: when, and by tenant calls and tokens
const budgets = { 'usd-per-day': ['USD', 'today'], 'usd-per-month': ['USD', 'this month'], 'tokens-per-day': ['tokens', 'today'] };

/** Keeps what the gateway says now for the figures per minute. */
export function note(live) {
  const now = Date.parse(live.now);
  const at = samples.at(-1);
  const again = at && live.tenants.some((one) => one.calls < (at.of.get(one.id)?.calls ?? 0));
  if (again) samples.length = 0;
  samples.push({ now, of: new Map(live.tenants.map((one) => [one.id, one])) });
  while (now - samples[0].now > MINUTE) samples.shift();
}

/** What a tenant used in the last minute, or since this page looks. */
function lastMinute(tenant, figure) {
  const first = samples[0]?.of.get(tenant.id);
  return first ? Math.max(0, tenant[figure] - first[figure]) : 0;
}

function used(value, limit) {
  const near = limit !== null && value >= 0.8 * limit;
  return [limit === null ? brief(value) : `${brief(value)} of ${brief(limit)}`, near ? 'n warn' : 'n'];
}

function budget({ kind, limit, used: share }) {
  const [unit, when] = budgets[kind];
  const amount = unit === 'USD' ? dollars : brief;
  const line = element('div', null, 'budget');
  const bar = element('span', null, `bar ${share >= 1 ? 'spent' : share >= 0.8 ? 'near' : ''}`);
  bar.append(element('span'));
  bar.firstChild.style.width = `${Math.min(100, share * 100)}%`;
  line.append(`${amount(limit * share)} of ${amount(limit)} ${unit} ${when}, ${amount(Math.max(0, limit * (1 - share)))} left`, bar);
  return line;
}

function key(one, lastUses) {
  const now = Date.now();
  const ends = one.expires ? Date.parse(one.expires) : Infinity;
  const line = element('div');
  const days = one.created ? Math.floor((now - Date.parse(one.created)) / DAY) : null;
  line.append(element('code', one.id),
    `, ${days === null ? 'age unknown' : days === 0 ? 'made today' : `${count(days)} days old`}, `,
    element('span', one.expires ? `${ends < now ? 'expired' : 'expires'} ${one.expires.slice(0, 10)}` : 'never expires',
      ends < now ? 'bad' : ends < now + 14 * DAY ? 'warn' : ''),
    `, ${one.lastUse ? `used ${ago(one.lastUse)}` : lastUses ? 'never used' : 'last use not known yet'}`);
  return line;
}

function cells(tenant, lastUses) {
  const limits = tenant.limits;
  const keys = tenant.keys.map((one) => [one, lastUses, one.lastUse && ago(one.lastUse)]);
  return [
    [tenant.id],
    used(tenant.inFlight, limits.concurrentRequests),
    used(lastMinute(tenant, 'calls'), limits.requestsPerMinute),
    used(lastMinute(tenant, 'tokens'), limits.tokensPerMinute),
    [count(tenant.calls), 'n'],
    [count(tenant.rejected), tenant.rejected > 0 ? 'n warn' : 'n'],
    [brief(tenant.tokens), 'n'],
    [dollars(tenant.dollars), 'n'],
    [JSON.stringify(tenant.budgets), 'wide', () => (tenant.budgets.length ? tenant.budgets.map(budget) : [element('span', 'none', 'soft')])],
    [JSON.stringify(keys), 'wide', () => (keys.length ? tenant.keys.map((one) => key(one, lastUses)) : [element('span', 'no key, so it cannot call', 'warn')])],
  ];
}

export function show(live) {
  const words = byId('find').value.trim().toLowerCase();
  const shown = live.tenants.filter((tenant) => tenant.id.includes(words) || tenant.keys.some((one) => one.id.toLowerCase().includes(words)));
  fill(byId('tenant-list').tBodies[0], shown.map((tenant) => [tenant.id, cells(tenant, live.lastUses)]),
    words ? 'No tenant and no key is called that.' : 'There are no tenants. keys create --tenant makes one.');
}
