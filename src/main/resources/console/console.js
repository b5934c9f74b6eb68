import { byId, element, say } from './dom.js';
import * as live from './live.js';
import * as rollouts from './rollouts.js';
import * as tenants from './tenants.js';
import * as usage from './usage.js';

const VIEWS = ['live', 'tenants', 'usage', 'rollouts'];
let latest = null;
let lost = false;

const current = () => (VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : 'live');

function view() {
  const name = current();
  scrollTo(0, 0);
  VIEWS.forEach((one) => { byId(one).hidden = one !== name; });
  document.querySelectorAll('nav a').forEach((link) => (link.hash === `#${name}` ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current')));
  if (name === 'live') live.draw();
  if (name === 'usage') usage.load();
  if (name === 'rollouts') rollouts.load();
  if (latest) show(latest);
}

function show(now) {
  if (current() === 'live') live.show(now);
  if (current() === 'tenants') tenants.show(now);
  usage.offer(now);
  byId('access').hidden = now.login;
  byId('logout').hidden = !now.login;
  const refusals = now.refusals.join('\n');
  if (byId('refusals').dataset.text !== refusals) {
    byId('refusals').dataset.text = refusals;
    byId('refusals').replaceChildren(...now.refusals.map((text) => element('p', text)));
  }
}

function state(text, isLost) {
  say('state', text);
  byId('state').classList.toggle('lost', isLost);
  lost = isLost;
}

async function look() {
  try {
    const answer = await fetch('console/live', { signal: AbortSignal.timeout(5000), redirect: 'manual', headers: { 'x-requested-with': 'XMLHttpRequest' } });
    if (answer.status === 401 || answer.type === 'opaqueredirect') location.reload(); // whoever looks must log in again
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const now = await answer.json();
    if (lost && current() === 'usage') usage.load();
    if (lost && current() === 'rollouts') rollouts.load();
    latest = now;
    live.note(latest);
    tenants.note(latest);
    show(latest);
    state('Live', false);
  } catch {
    state('The gateway does not answer; trying again', true);
  }
  setTimeout(look, document.hidden ? 5000 : 1000);
}

addEventListener('hashchange', view);
addEventListener('resize', () => { live.resize(); usage.resize(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (current() === 'live' ? live.draw() : current() === 'usage' && usage.draw()));
byId('find').addEventListener('input', () => latest && tenants.show(latest));
usage.begin();
rollouts.begin();
view();
look();
