"""Draws the README's plot: what a call costs beside the peers, and how much of each bar is used."""

from html import escape

WIDTH, ROW, LEFT, RIGHT = 940, 26, 410, 150
OURS, THEIRS, MET, MISSED = "#4d6bfe", "#9aa4b2", "#2e9e5b", "#d64545"
CUT = 4  # times Deepgate's own: what costs more is drawn no longer


def plot(calls, bars):
    """Of names and microseconds, and of bars."""
    rows = [*costs(calls), *shares(bars)]
    height = ROW * len(rows) + 20
    body = "\n".join(row.format(y=ROW * i + 10, middle=ROW * i + 27) for i, row in enumerate(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="13" role="img" '
            'aria-label="Processor time per call beside the peers, and each bar">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n')


def title(text):
    return f'<text x="10" y="{{middle}}" font-weight="bold">{escape(text)}</text>'


def row(name, share, colour, label, line="", beyond=0):
    length = max(1, min(1, share) * (WIDTH - LEFT - RIGHT))
    return (f'<text x="{LEFT - 8}" y="{{middle}}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LEFT}" y="{{y}}" width="{length:.1f}" height="{ROW - 6}" transform="translate(0 3)" fill="{colour}"/>'
            f'{line}<text x="{max(LEFT + length, beyond) + 8:.1f}" y="{{middle}}">{escape(label)}</text>')


def costs(calls):
    if not calls:
        return
    yield title("Processor time per call of 1 KB, µs")
    most = min(max(cost for _, cost in calls), CUT * next((c for name, c in calls if name == "Deepgate"), float("inf")))
    for name, cost in calls:
        yield row(name, cost / most, OURS if name.startswith("Deepgate") else THEIRS,
                  f"{cost:,.0f}" + (" (cut)" if cost > most else ""))


def shares(bars):
    yield title("Bars: green is met, and the line is how far it may go")
    limit = LEFT + (WIDTH - LEFT - RIGHT) / 1.5
    line = f'<path d="M{limit:.1f} {{y}}v{ROW}" stroke="#222" stroke-width="2"/>'
    for bar in bars:
        yield row(bar.what, bar.share / 1.5, MET if bar.met else MISSED, bar.figure.partition(" (")[0], line, limit)
