# SPDX-License-Identifier: MIT
"""Curves as SVG, both axes logarithmic: the same numbers give the same file."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 380, 60, 35, 40, 110
COLOURS = ["#1a6fb5", "#c8581c", "#3b8f3b", "#7a4fa3"]


def exponents(values):
    """Those of the powers of ten around them."""
    return math.floor(math.log10(min(values))), max(math.ceil(math.log10(max(values))), math.floor(math.log10(min(values))) + 1)


def draw(path, title, x_title, curves):
    """curves: {name: [(x, y)]}, everything above zero."""
    points = [point for curve in curves.values() for point in curve]
    (x_low, x_high), (y_low, y_high) = (exponents([point[axis] for point in points]) for axis in (0, 1))

    def x_of(x):
        return LEFT + (math.log10(x) - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def y_of(y):
        return HEIGHT - BOTTOM - (math.log10(y) - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    def text(x, y, words, anchor="middle", colour="#444"):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'

    def line(x1, y1, x2, y2):
        return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ccc"/>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', text(WIDTH / 2, 20, title, colour="#000"),
             text(WIDTH / 2, HEIGHT - BOTTOM + 36, x_title)]
    for exponent in range(x_low, x_high + 1):
        x = x_of(10 ** exponent)
        parts += [line(x, TOP, x, HEIGHT - BOTTOM), text(x, HEIGHT - BOTTOM + 16, f"{10 ** exponent:,}")]
    for exponent in range(y_low, y_high + 1):
        y = y_of(10 ** exponent)
        parts += [line(LEFT, y, WIDTH - RIGHT, y), text(LEFT - 6, y + 4, f"{10 ** exponent:,g}", "end")]
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        path_of = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in curve)
        parts.append(f'<polyline points="{path_of}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="{colour}"/>' for x, y in curve]
        parts.append(text(LEFT, HEIGHT - BOTTOM + 58 + 16 * number, name, "start", colour))
    path.write_text("\n".join([*parts, "</svg>", ""]))
