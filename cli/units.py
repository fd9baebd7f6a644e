"""Numbers as people read them: three digits and a prefix."""


def si(value: float, unit: str, digits: int = 3) -> str:
    """6.02e12, FLOP/s -> 6.02 TFLOP/s"""
    for factor, prefix in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")):
        if abs(value) >= factor:
            return f"{_digits(value / factor, digits)} {prefix}{unit}"
    for factor, prefix in ((1e-3, "m"), (1e-6, "µ"), (1e-9, "n")):
        if abs(value) >= factor:
            return f"{_digits(value / factor, digits)} {prefix}{unit}"
    return f"0 {unit}"


def _digits(value: float, digits: int) -> str:
    """A fixed number of significant digits, never an exponent: 1.50, 15.0, 150."""
    whole = len(str(int(abs(value))))
    return f"{value:.{max(digits - whole, 0)}f}"


def seconds(value: float) -> str:
    return si(value, "s")


def percent(value: float) -> str:
    return f"{100 * value:.1f}%" if value < 0.0995 else f"{100 * value:.0f}%"


def count(value: float | None) -> str:
    """1234567 -> 1,234,567; 1.5 -> 1.50; nothing -> -"""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
