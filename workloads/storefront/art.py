"""Watches, drawn as SVG: shapes here, colours in the style sheets, so that every theme dresses them itself."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterator

from storefront.dial import numerals, point, text, ticks, turned

STYLES = ("field", "diver", "pilot", "chrono", "dress", "gmt")
_TEN_PAST_TEN = (304.5, 54.0)
"""Angles of the hour and minute hand at 10:09, where they frame the maker's name."""


def style(sku: str) -> str:
    """Give how a product looks: by the first word of its SKU, or any one look that never changes."""
    word = sku.split("-", maxsplit=1)[0]
    return word if word in STYLES else STYLES[hashlib.sha256(sku.encode()).digest()[0] % len(STYLES)]


def watch(sku: str, place: str, name: str | None) -> str:
    """Draw a watch from the front; ``place`` makes its ids unique, ``name`` says what it is to who can't see it."""
    kind, uid = style(sku), html.escape(f"{sku}-{place}")
    about = f'role="img" aria-label="{html.escape(name)}, seen from the front"' if name else 'aria-hidden="true"'
    parts = "".join((*_body(uid), *_bezel(kind), *_DIALS[kind](), *_hands(kind), _crystal(uid)))
    return (
        f'<svg class="watch watch-{kind}" viewBox="0 0 240 360" {about} focusable="false">{_paints(uid)}{parts}</svg>'
    )


def _paints(uid: str) -> str:
    return (
        f'<defs><linearGradient id="{uid}-c" x1="0" y1="0" x2="1" y2="1"><stop class="w-case-light" offset="0"/>'
        '<stop class="w-case-dark" offset=".45"/><stop class="w-case-light" offset=".7"/>'
        '<stop class="w-case-dark" offset="1"/></linearGradient>'
        f'<radialGradient id="{uid}-d" cx=".5" cy=".38" r=".7"><stop class="w-dial-light" offset="0"/>'
        '<stop class="w-dial-dark" offset="1"/></radialGradient>'
        f'<linearGradient id="{uid}-s" x1="0" x2="1"><stop class="w-strap-dark" offset="0"/>'
        '<stop class="w-strap-light" offset=".3"/><stop class="w-strap-light" offset=".7"/>'
        '<stop class="w-strap-dark" offset="1"/></linearGradient>'
        f'<linearGradient id="{uid}-g" x1=".2" y1="0" x2=".6" y2="1">'
        '<stop class="w-glass" offset="0" stop-opacity=".34"/>'
        '<stop class="w-glass" offset=".5" stop-opacity="0"/></linearGradient></defs>'
    )


def _body(uid: str) -> Iterator[str]:
    strap = f'fill="url(#{uid}-s)"'
    yield f'<path {strap} d="M84 116 L90 8 Q91 2 98 2 H142 Q149 2 150 8 L156 116 Z"/>'
    yield f'<path {strap} d="M84 244 L91 346 Q93 358 106 358 H134 Q147 358 149 346 L156 244 Z"/>'
    yield '<path class="w-stitch" d="M96 112 L100 12 M144 112 L140 12 M96 248 L101 344 M144 248 L139 344"/>'
    yield '<path class="w-hole" d="M117 300 h6 v10 h-6 Z M117 322 h6 v10 h-6 Z"/>'
    case = f'fill="url(#{uid}-c)"'
    upper = "M66 128 L76 92 H98 L104 118 H136 L142 92 H164 L174 128"
    lower = "L164 268 H142 L136 242 H104 L98 268 H76 L66 232"
    yield f'<path {case} d="{upper} V232 {lower} Z"/>'
    yield f'<rect {case} x="203" y="168" width="15" height="24" rx="4"/>'
    yield '<path class="w-knurl" d="M206 171 h9 M206 175.5 h9 M206 180 h9 M206 184.5 h9 M206 189 h9"/>'
    yield f'<circle {case} cx="120" cy="180" r="88"/><circle class="w-edge" cx="120" cy="180" r="88"/>'
    yield f'<circle class="w-rim" cx="120" cy="180" r="77"/><circle fill="url(#{uid}-d)" cx="120" cy="180" r="74"/>'


def _bezel(kind: str) -> Iterator[str]:
    if kind not in {"diver", "gmt"}:
        return
    yield '<circle class="w-bezel" cx="120" cy="180" r="80"/>'
    if kind == "gmt":
        yield '<path class="w-bezel-day" d="M40 180 A80 80 0 0 0 200 180"/>'
        yield from numerals([str(hour) for hour in range(2, 25, 2)], 80, "w-bezel-text", first=30)
        return
    yield '<path class="w-bezel-mark w-solid" d="M120 92.5 L126.5 105 H113.5 Z"/>'
    yield from ticks(60, 75.5, 84.5, "w-bezel-mark", keep=lambda one: 0 < one <= 15 or (one > 0 and one % 5 == 0))


def _field() -> Iterator[str]:
    yield from ticks(60, 66, 71, "w-tick")
    yield from ticks(12, 64, 71, "w-mark")
    yield from numerals([str(hour) for hour in range(1, 13)], 53, "w-number", first=30)
    yield from numerals([str(hour) for hour in range(13, 25)], 38, "w-number-small", first=30)
    yield text(120, 226, "HAND-WOUND", "w-word")


def _diver() -> Iterator[str]:
    yield from ticks(60, 64, 67, "w-tick")
    yield '<path class="w-lume" d="M120 136 L112 120 H128 Z"/>'
    for hour in range(1, 12):
        x, y = point(hour * 30, 55)
        if hour in {6, 9}:
            place = f'x="{x - 3:.1f}" y="{y - 8:.1f}" width="6" height="16" rx="1" {turned(hour * 30, x, y)}'
            yield f'<rect class="w-lume" {place}/>'
        elif hour != 3:
            yield f'<circle class="w-lume" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
    yield '<rect class="w-window" x="165" y="172.5" width="17" height="15" rx="1.5"/>'
    yield text(173.5, 184, "24", "w-date")
    yield text(120, 158, "CLEARWATCH", "w-brand") + text(120, 212, "300 m / 1000 ft", "w-word")


def _pilot() -> Iterator[str]:
    yield from ticks(60, 65, 71, "w-tick")
    yield from ticks(12, 62, 71, "w-mark", keep=lambda one: one != 0)
    yield '<path class="w-lume" d="M120 110 L112.5 123 H127.5 Z"/>'
    yield from (f'<circle class="w-lume" cx="{x}" cy="113" r="2"/>' for x in (109, 131))
    yield from numerals(["", *(str(hour) for hour in range(1, 12))], 51, "w-number-large", first=0)
    yield text(120, 157, "CLEARWATCH", "w-brand")


def _chrono() -> Iterator[str]:
    yield '<rect class="w-pusher" x="184" y="113" width="17" height="11" rx="3" transform="rotate(-40 192 118)"/>'
    yield '<rect class="w-pusher" x="184" y="236" width="17" height="11" rx="3" transform="rotate(40 192 242)"/>'
    yield from ticks(120, 67, 71, "w-tick")
    yield from ticks(12, 55, 65, "w-baton", keep=lambda one: one not in {3, 9})
    for x, angle in ((89, 200), (151, 60)):
        yield f'<circle class="w-register" cx="{x}" cy="184" r="23"/>'
        yield from ticks(12, 18, 21, "w-tick-sub", around=(x, 184))
        end = point(angle, 16, (x, 184))
        yield f'<path class="w-sub-hand" d="M{x} 184 L{end[0]:.1f} {end[1]:.1f}"/>'
        yield f'<circle class="w-pin" cx="{x}" cy="184" r="2"/>'
    yield text(120, 150, "CLEARWATCH", "w-brand") + text(120, 226, "CHRONOGRAPH", "w-word")


def _dress() -> Iterator[str]:
    yield '<circle class="w-hairline" cx="120" cy="180" r="67"/>'
    yield from ticks(12, 50, 64, "w-baton")
    yield text(120, 156, "ClearWatch", "w-script")
    yield '<circle class="w-register" cx="120" cy="212" r="15"/>'
    yield from ticks(12, 11, 13.5, "w-tick-sub", around=(120, 212))
    yield '<path class="w-sub-hand" d="M120 212 L112 205"/>'


def _gmt() -> Iterator[str]:
    yield from ticks(60, 65, 68, "w-tick")
    yield from ticks(12, 50, 63, "w-baton", keep=lambda one: one not in {0, 3})
    yield '<path class="w-lume" d="M116 118 h3 v14 h-3 Z M121 118 h3 v14 h-3 Z"/>'
    yield '<rect class="w-window" x="163" y="172.5" width="17" height="15" rx="1.5"/>' + text(171.5, 184, "8", "w-date")
    yield text(120, 158, "CLEARWATCH", "w-brand") + text(120, 218, "AUTOMATIC", "w-word")
    tip = point(222, 58)
    yield f'<path class="w-gmt-hand" d="M120 180 L{tip[0]:.1f} {tip[1]:.1f}"/>'
    there = f"translate({tip[0]:.1f} {tip[1]:.1f}) rotate(222)"
    yield f'<path class="w-gmt-tip" d="M-6 6 L0 -7 L6 6 Z" transform="{there}"/>'


_DIALS: dict[str, Callable[[], Iterator[str]]] = {
    "field": _field,
    "diver": _diver,
    "pilot": _pilot,
    "chrono": _chrono,
    "dress": _dress,
    "gmt": _gmt,
}


def _hands(kind: str) -> Iterator[str]:
    hour, minute = _TEN_PAST_TEN
    thin = kind in {"dress", "chrono"}
    for angle, length, width in ((hour, 38, 3 if thin else 5.5), (minute, 58, 2.2 if thin else 4)):
        shape = f"M{-width / 2} 8 L{-width / 2} {-length + 6} L0 {-length} L{width / 2} {-length + 6} L{width / 2} 8 Z"
        yield f'<path class="w-hand" d="{shape}" transform="translate(120 180) rotate({angle})"/>'
        if not thin:
            inner = f"M{-width / 4} -12 V{-length + 9} L0 {-length + 6} L{width / 4} {-length + 9} V-12 Z"
            yield f'<path class="w-lume" d="{inner}" transform="translate(120 180) rotate({angle})"/>'
    if kind != "dress":
        yield '<path class="w-second" d="M120 196 V116" transform="rotate(186 120 180)"/>'
    yield '<circle class="w-hand" cx="120" cy="180" r="4.5"/><circle class="w-pin" cx="120" cy="180" r="1.8"/>'


def _crystal(uid: str) -> str:
    return f'<circle fill="url(#{uid}-g)" cx="120" cy="180" r="74"/>'
