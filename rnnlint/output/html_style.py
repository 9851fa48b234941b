"""How the page looks, and the few lines that filter it: nothing outside of it is asked for.

Every colour is a pair, for the light and for the dark scheme; what is printed is light.  The contrast of each with what
it stands on is computed by a test (tests/output/test_html.py).  Signs and words say all that colours say.
"""

from __future__ import annotations

import base64
import hashlib

from rnnlint.drawing import svg

INK, SOFT, GROUND, FIELD = svg.INK, svg.SOFT, svg.GROUND, svg.PLAIN_FILL
CODE = ("#a40e26", "#ff9a96")
LINK = ("#0a4fa3", "#8cc2ff")
LINE = ("#76808a", "#7d8590")
"""The border of what can be used, and of what is apart; at least 3 to 1 on the ground."""

_DARK = " screen and (prefers-color-scheme:dark)"  # paper is light, whatever the screen is
_ROOT = ".rnnlint-page"


def sheet() -> str:
    """The style sheet; all of it is inside of the page, so that it can stand in another one."""
    return f"{_COMMON}{_scheme(0)}@media{_DARK}{{{_scheme(1)}}}{svg.style(f'{_ROOT} svg.rnnlint', _DARK)}{_PRINT}"


def _scheme(number: int) -> str:
    pairs = {"ink": INK, "soft": SOFT, "ground": GROUND, "field": FIELD, "code": CODE, "link": LINK, "line": LINE}
    return f"{_ROOT}{{{''.join(f'--{name}:{pair[number]};' for name, pair in pairs.items())}}}"


_COMMON = f"""
{_ROOT}{{font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--ground);margin:0;
color-scheme:light dark;overflow-wrap:anywhere}}
{_ROOT} .inner{{max-width:68rem;margin:auto;padding:1rem}}
{_ROOT} h1{{font-size:1.5rem;margin:0 0 .25rem}}
{_ROOT} h2{{font-size:1.2rem;margin:2rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}}
{_ROOT} h3{{font-size:1.05rem;margin:0}}{_ROOT} h4{{font-size:1rem;margin:1rem 0 0}}
{_ROOT} p,{_ROOT} ul,{_ROOT} ol{{margin:.5rem 0}}
{_ROOT} code,{_ROOT} pre,{_ROOT} .mono{{font-family:ui-monospace,Consolas,Menlo,"DejaVu Sans Mono",monospace}}
{_ROOT} code{{font-size:.92em}}
{_ROOT} pre{{font-size:.8125rem;line-height:1.45;background:var(--field);color:var(--ink);padding:.75rem;
margin:.75rem 0;overflow-x:auto;overflow-wrap:normal;border-radius:4px}}
{_ROOT} a{{color:var(--link)}}
{_ROOT} .soft{{color:var(--soft)}}{_ROOT} .tag{{color:var(--code);font-weight:bold}}
{_ROOT} pre .k{{color:var(--code);font-weight:bold}}{_ROOT} pre .b{{color:var(--link);font-weight:bold}}
{_ROOT} .scrolls{{overflow-x:auto}}
{_ROOT} .drawn{{display:flex;flex-wrap:wrap;gap:0 2rem;align-items:start}}
{_ROOT} figure{{margin:.75rem 0;max-width:100%;flex:0 1 auto}}{_ROOT} figcaption{{font-size:.9rem;max-width:26rem}}
{_ROOT} .drawn>figure{{align-self:end}}{_ROOT} svg.rnnlint{{display:block}}
{_ROOT} table{{border-collapse:collapse;margin:.5rem 0}}
{_ROOT} th,{_ROOT} td{{text-align:left;vertical-align:top;padding:.2rem 1.25rem .2rem 0}}
{_ROOT} td.count,{_ROOT} th.count{{text-align:right;white-space:nowrap}}
{_ROOT} dl{{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.75rem 0}}
{_ROOT} dt{{font-weight:bold}}{_ROOT} dd{{margin:0;min-width:0}}
{_ROOT} article{{border:1px solid var(--line);border-radius:6px;padding:1rem;margin:1rem 0}}
{_ROOT} .filter{{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end}}{_ROOT} [hidden]{{display:none}}
{_ROOT} label{{display:grid;font-size:.9rem}}
{_ROOT} input,{_ROOT} select,{_ROOT} button{{font:inherit;color:var(--ink);background:var(--ground);
border:1px solid var(--line);border-radius:4px;padding:.3rem .5rem;max-width:100%}}
{_ROOT} :focus-visible{{outline:3px solid var(--link);outline-offset:2px}}
{_ROOT} .skip{{position:absolute;left:-99rem}}{_ROOT} .skip:focus{{position:static}}
@media(max-width:40rem){{{_ROOT} dl{{grid-template-columns:1fr;gap:0}}{_ROOT} dd{{margin-bottom:.4rem}}
{_ROOT} article{{padding:.75rem}}}}
""".replace("\n", "")

_PRINT = (
    f"@media print{{{_ROOT} .filter,{_ROOT} .skip{{display:none}}{_ROOT} .inner{{max-width:none;padding:0}}"
    f"{_ROOT} pre,{_ROOT} .scrolls{{overflow:visible}}{_ROOT} pre{{font-size:6.6pt}}"
    f"{_ROOT} svg.rnnlint{{max-width:100%;height:auto}}"
    f"{_ROOT} figure,{_ROOT} dl{{break-inside:avoid}}{_ROOT} h2,{_ROOT} h3,{_ROOT} h4{{break-after:avoid}}}}"
)

SCRIPT = """
(function () {
  var form = document.querySelector("form.filter");
  var words = form.querySelector("input"), rule = form.querySelector("select"), said = form.querySelector("output");
  var findings = Array.prototype.slice.call(document.querySelectorAll("article[data-rule]"));
  function show() {
    var asked = words.value.toLowerCase().split(/\\s+/), shown = 0;
    findings.forEach(function (one) {
      var text = one.textContent.toLowerCase();
      var is = (!rule.value || one.getAttribute("data-rule") === rule.value) &&
        asked.every(function (word) { return text.indexOf(word) >= 0; });
      one.hidden = !is;
      shown += is ? 1 : 0;
    });
    document.querySelectorAll("section.file").forEach(function (file) {
      file.hidden = !file.querySelector("article:not([hidden])");
    });
    said.textContent = shown + " of " + findings.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("reset", function () { setTimeout(show, 0); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  show();
}());
"""
"""Without it the page is complete; the form that it fills with life is hidden then."""


def policy() -> str:
    """What a browser may do with the page: show it, in this style, and run this script."""
    return f"default-src 'none'; style-src '{_hash(sheet())}'; script-src '{_hash(SCRIPT)}'; base-uri 'none'"


def _hash(held: str) -> str:
    digest = hashlib.sha256(held.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
