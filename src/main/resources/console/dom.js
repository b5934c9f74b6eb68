const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat('en', { notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 });
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 4, maximumFractionDigits: 4 });

export const byId = (id) => document.getElementById(id);
export const count = (value) => whole.format(value);
export const rate = (value) => (value < 10 ? tenth : whole).format(value);

/** Large counts as a few digits: 1,234 and 56.7K. */
export const brief = (value) => (value < 10000 ? whole : short).format(value);

/** US dollars; fractions of a cent are shown where there is no more. */
export const dollars = (value) => (value > 0 && value < 0.1 ? cents : money).format(value);

export const millis = (value) => (value < 10000 ? `${whole.format(value)} ms` : `${tenth.format(value / 1000)} s`);

/** A time of today as hours, minutes and seconds. */
export const clock = (time) => new Date(time).toLocaleTimeString('en-GB');

/** How long ago, in the largest unit that fits. */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return 'just now';
}

/** An element with text; what comes from the gateway is never read as HTML. */
export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

/**
 * Brings a table's body up to date and leaves alone what has not changed, so that nothing loses focus or flickers.
 * A row is its key and its cells; a cell is text, a class, and what makes its children where text is not enough.
 */
export function fill(body, rows, nothing) {
  const before = new Map([...body.rows].map((made) => [made.dataset.key, made]));
  const now = rows.map(([key, cells]) => {
    const made = before.get(key) ?? element('tr');
    made.dataset.key = key;
    cells.forEach(([text, className, children], at) => {
      const cell = made.cells[at] ?? made.appendChild(element(at === 0 ? 'th' : 'td'));
      if (at === 0) cell.scope = 'row';
      if (cell.className !== (className ?? '')) cell.className = className ?? '';
      if (cell.dataset.text !== String(text)) {
        cell.dataset.text = text;
        cell.replaceChildren(...(children ? children() : [String(text)]));
      }
    });
    return made;
  });
  if (now.length === 0 && nothing) {
    const made = element('tr');
    const cell = element('td', nothing, 'nothing');
    cell.colSpan = body.parentNode.tHead.rows[0].cells.length;
    made.append(cell);
    now.push(made);
  }
  if (now.length !== body.rows.length || now.some((made, at) => body.rows[at] !== made)) body.replaceChildren(...now);
}

/** A colour of the style sheet as canvases need it. */
export function color(name) {
  const probe = element('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** How an axis of a chart looks. */
export const axis = () => ({
  stroke: color('--soft'),
  grid: { stroke: color('--line'), width: 1 },
  ticks: { show: false },
  font: '12px system-ui, sans-serif',
});
