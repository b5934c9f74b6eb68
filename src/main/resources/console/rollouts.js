import { brief, byId, count, dollars, element, fill, millis, say } from './dom.js';

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const units = {
  share: (value) => percent.format(value), ms: (value) => (value < 0 ? `−${millis(-value)}` : millis(value)),
  tokens: (value) => digits.format(value), 'tokens/s': (value) => digits.format(value), usd: (value) => `$${digits.format(value)}`,
};
const colors = { better: 'good', worse: 'bad', unknown: 'soft' };
const advice = { stay: 'bad', wait: 'warn', ask: 'warn', go_on: 'good' };
const kilo = (tokens) => (tokens >= 1048576 ? `${count(tokens / 1048576)} M` : `${count(tokens / 1024)} K`);
const usd = (value) => (value === null ? 'no price' : dollars(Number(value)));
let asked = 0;

async function read(url) {
  const answer = await fetch(url, { headers: { accept: 'application/json', 'x-requested-with': 'XMLHttpRequest' }, redirect: 'manual' });
  if (!answer.ok) throw new Error(answer.status === 503 ? 'The ledger does not answer; the figures are not lost. Try again later.' : `The gateway answered ${answer.status}.`);
  return answer.json();
}

/** A value, and below it between what two it surely lies. */
function figure({ value, low, high, of }, unit) {
  const format = units[unit];
  const bound = (one) => (one === null ? '?' : format(one));
  const text = value === null ? '–' : `${format(value)} (${bound(low)} to ${bound(high)}, of ${count(of)})`;
  return [text, 'n', () => (value === null ? ['–'] : [format(value), element('div', `${bound(low)} to ${bound(high)}, of ${count(of)}`, 'soft')])];
}

function difference({ value, low, high }, unit, says) {
  const format = units[unit];
  if (value === null || (low === null && high === null)) return ['not known', 'n soft'];
  const plus = (one) => (one === null ? '?' : `${one > 0 ? '+' : ''}${format(one)}`);
  return [`${plus(low)} to ${plus(high)} ${says}`, 'n', () => [`${plus(low)} to ${plus(high)}`, element('div', says === 'unknown' ? 'may be chance' : says, colors[says] ?? '')]];
}

function show(report) {
  const { rollout, verdict, measures, last_month: month, context, parameters } = report;
  const steps = rollout.steps.length ? `, step ${rollout.step + 1} of ${rollout.steps.length}` : '';
  say('rollout-verdict', verdict.sentence);
  byId('rollout-verdict').className = `verdict ${advice[verdict.advice.toLowerCase()]}`;
  say('rollout-sides', `Stable is ${rollout.stable.map((one) => one.slug).join(', ')}, the candidate ${rollout.candidate.slug} at ${rollout.candidate.upstream} with ${count(rollout.share)} % of the conversations${steps}. Calls since ${report.from.slice(0, 10)}, the last ones of each side from the same time; intervals of ${count(report.confidence * 100)} %.`);
  fill(byId('rollout-measures').tBodies[0], measures.map((one) => [one.name, [[one.name], figure(one.stable, one.unit), figure(one.candidate, one.unit), difference(one.difference, one.unit, one.says)]]));
  const cost = (one, name) => [one.tenant, [[name], [count(one.calls), 'n'], [brief(one.input), 'n'], [brief(one.output), 'n'], [usd(one.stable_usd), 'n'], [usd(one.candidate_usd), 'n'],
    [one.candidate_as_it_writes_usd === null ? '–' : usd(one.candidate_as_it_writes_usd), 'n']]];
  fill(byId('rollout-cost').tBodies[0], month.tenants.map((one) => cost(one, one.tenant)), 'Nothing was used last month.');
  fill(byId('rollout-cost').tFoot, month.tenants.length ? [cost(month.all, 'All')] : []);
  byId('rollout-assumed').replaceChildren(...month.assumed.map((text) => element('li', text)));
  say('rollout-window', context.candidate_window === null ? 'The candidate’s upstream does not say how long a context it takes.' : `The candidate takes ${count(context.candidate_window)} tokens.`);
  const most = Math.max(1, ...context.buckets.map((one) => one.calls));
  fill(byId('rollout-lengths').tBodies[0], context.buckets.map((one) => [one.below, [[`below ${kilo(one.below)}`], [count(one.calls), 'n'], [one.calls, 'wide', () => {
    const bar = element('span', null, 'bar');
    bar.append(element('span'));
    bar.firstChild.style.width = `${(100 * one.calls) / most}%`;
    return [bar];
  }]]]), 'No call was recorded.');
  fill(byId('rollout-tenants').tBodies[0], context.tenants.map((one) => [one.tenant, [[one.tenant], [count(one.calls), 'n'], [percent.format(one.below32k / one.calls), 'n'], [`below ${kilo(one.longest_below)}`, 'n'],
    [one.overflowing === null ? 'not known' : count(one.overflowing), one.overflowing ? 'n bad' : 'n']]]), 'No call was recorded.');
  fill(byId('rollout-parameters').tBodies[0], parameters.map((one) => [`${one.tenant} ${one.parameter}`, [[one.tenant], [one.parameter], [count(one.calls), 'n'], [one.stable], [one.candidate, one.candidate === one.stable ? '' : 'warn']]]),
    'No tenant uses a parameter that the candidate does not heed.');
}

/** Reads the rollouts and the report of the one that is chosen; what was asked before and comes later is dropped. */
export async function load() {
  const mine = ++asked;
  byId('rollout-report').setAttribute('aria-busy', 'true');
  try {
    const { rollouts } = await read('rollouts');
    if (mine !== asked) return;
    const names = rollouts.map((one) => one.alias);
    if (byId('rollout').dataset.key !== names.join()) {
      const before = byId('rollout').value;
      byId('rollout').dataset.key = names.join();
      byId('rollout').replaceChildren(...names.map((name) => element('option', name)));
      if (names.includes(before)) byId('rollout').value = before;
    }
    byId('rollout-report').hidden = names.length === 0;
    say('rollout-none', names.length ? '' : 'No alias has a candidate. gateway.catalog.aliases.<alias>.candidate gives it one.');
    if (names.length) {
      const report = await read(`rollouts/${byId('rollout').value.split('/').map(encodeURIComponent).join('/')}`);
      if (mine !== asked) return;
      show(report);
    }
    say('rollout-state', '');
  } catch (failure) {
    if (mine !== asked) return;
    say('rollout-state', failure.message);
  }
  byId('rollout-report').removeAttribute('aria-busy');
}

export const begin = () => byId('rollout').addEventListener('change', load);
