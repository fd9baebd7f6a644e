"""build/report/index.html: one file with what a run found, its tables and its plots."""

import base64
import html
from pathlib import Path

from cli.errors import write
from cli.paths import REPORT
from cli.recorded import tables
from cli.results import Results, peaks_of
from cli.tables import Table
from plots import style
from plots.draw import figures

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Warpladder: {title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }}
h1, h2 {{ line-height: 1.2 }} h2 {{ margin-top: 3rem; border-top: 1px solid #e4e4e4; padding-top: 1.5rem }}
table {{ border-collapse: collapse; margin: 1rem 0; font-size: .9rem; font-variant-numeric: tabular-nums }}
caption {{ text-align: left; color: #6b6b6b; padding-bottom: .4rem }}
th {{ font-weight: 600; border-bottom: 1px solid #6b6b6b }}
th, td {{ padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top }} .right {{ text-align: right }}
tbody tr:nth-child(even) {{ background: #f6f6f6 }}
img {{ max-width: 100% }} .note {{ color: #6b6b6b; font-size: .9rem }}
</style>
<h1>Warpladder</h1>
<p>{intro}</p>
{body}
</html>
"""


def report(title: str, intro: str, verified: dict[str, Table], measured: list[tuple[str, Results]]) -> Path:
    """Writes the report: for each chapter its verification, then its tables and plots."""
    parts = []
    for chapter, table in verified.items():
        parts.append(f"<h2>{html.escape(chapter)}</h2>\n{table.html()}")
        for _, results in (pair for pair in measured if pair[0] == chapter):
            parts += [t.html() for t in tables(results)]
            for name, figure in figures(results, peaks_of(results)):
                picture = style.save(figure, "svg")
                write(REPORT / "plots" / f"{chapter}-{name}.svg", picture)
                data = base64.b64encode(picture).decode()
                parts.append(f'<p><img alt="{html.escape(name)}" src="data:image/svg+xml;base64,{data}"></p>')
    page = REPORT / "index.html"
    write(page, _PAGE.format(title=html.escape(title), intro=html.escape(intro), body="\n".join(parts)))
    return page
