"""One table, three forms: a terminal's, Markdown for the pages, HTML for the report."""

import html
from dataclasses import dataclass, field

from rich.table import Table as RichTable

LEFT, RIGHT = "left", "right"


@dataclass
class Table:
    columns: list[tuple[str, str]]  # heading, LEFT or RIGHT
    title: str = ""
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """A row; cells that are left out stay empty, and those too many (a table without columns for them) go."""
        self.rows.append([*cells, *[""] * len(self.columns)][: len(self.columns)])

    def rich(self) -> RichTable:
        table = RichTable(title=self.title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for place, (heading, side) in enumerate(self.columns):
            # The first names the row: whole, so that it can be copied to a command.
            table.add_column(heading, justify="right" if side == RIGHT else "left", header_style="dim",
                             overflow="fold", no_wrap=place == 0)  # fmt: skip
        for row in self.rows:
            table.add_row(*(cell.replace("[", "\\[") for cell in row))
        return table

    def markdown(self) -> str:
        def line(cells: list[str]) -> str:
            return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

        rule = ["---:" if side == RIGHT else "---" for _, side in self.columns]
        lines = [line([heading for heading, _ in self.columns]), line(rule), *map(line, self.rows)]
        if self.notes:
            lines += ["", *self.notes]
        return "\n".join(lines)

    def html(self) -> str:
        def cells(tag: str, row: list[str]) -> str:
            return "".join(
                f'<{tag} class="{side}">{html.escape(cell)}</{tag}>'
                for cell, (_, side) in zip(row, self.columns, strict=True)
            )

        head = cells("th", [heading for heading, _ in self.columns])
        body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in self.rows)
        notes = "".join(f"<p class=note>{html.escape(n)}</p>" for n in self.notes)
        caption = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>{notes}"
