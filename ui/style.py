"""The few rules of looks that Streamlit's theme cannot say."""

from __future__ import annotations

import streamlit as st

from ui.words import _, language

__all__ = ["apply_style"]

# A table's own download writes cells as they are: a firm called “=cmd()” would be a formula in a
# spreadsheet. Our downloads disarm such cells, so that button is taken away.
_RULES = """
[data-testid="stMainBlockContainer"] { padding: 2.4rem 2rem 2rem; max-width: 1720px; }
[data-testid="stElementToolbarButtonContainer"] button[aria-label*="Download as CSV"],
[data-testid="stElementToolbarButton"]:has(button[aria-label*="Download as CSV"]) { display: none; }
[data-testid="stSidebarHeader"] { height: auto; margin: 0; padding: 1rem 0 0.6rem;
  justify-content: space-between; }
[data-testid="stSidebarHeader"]::before { content: "NAME"; order: 1; flex: 1; margin-left: 0.6rem;
  font-weight: 700; font-size: 1.15rem; white-space: nowrap; }
[data-testid="stSidebarHeader"] > [data-testid="stSidebarCollapseButton"] { order: 2; }
[data-testid="stMetricValue"] { font-size: 1.65rem; }
[data-testid="stMetric"] > div { padding: 0.1rem 0.3rem; }
[data-testid="stMetricLabel"] * { white-space: normal !important; }
h1 { font-size: 1.6rem !important; padding: 0 !important; }
h2 { font-size: 1.25rem !important; }
h3 { font-size: 1.05rem !important; padding-bottom: 0.3rem !important; }
.st-key-synthetic_label [data-testid="stAlertContainer"] { padding: 0.3rem 0.7rem; font-size: 0.86rem; }
.st-key-figures > div { flex: 1 1 8.5rem; }
.st-key-page_head :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"], p) {
  margin-bottom: 0 !important; }
:is(button, a, input, summary, [role="tab"]):focus-visible {
  outline: 2px solid var(--primary-color, #1f6f8b) !important; outline-offset: 1px; }
"""

# Streamlit has no translations of its own words; the few that planners meet are replaced here.
_CHINESE = """
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"] p { display: none; }
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"]::after {
  content: "选择文件"; font-size: 0.95rem; }
[data-testid="stFileUploaderDropzoneInstructions"] > * { display: none; }
[data-testid="stFileUploaderDropzoneInstructions"]::after {
  content: "单个文件不超过 200 MB"; font-size: 0.85rem; }
"""

# The page may load nothing from elsewhere: what a firm's name or a file says cannot fetch a picture. A
# map's background lies in a document of its own, whose rule names the one source that was chosen.
_POLICY = """
(() => {
  if (document.head.querySelector("meta[data-parkplan]")) return;
  const made = document.createElement("meta");
  made.httpEquiv = "Content-Security-Policy";
  made.dataset.parkplan = "";
  const own = `'self' ws://${location.host} wss://${location.host}`;
  made.content = `img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:;`
    + ` connect-src ${own} data: blob:; frame-src 'self' data: blob:; object-src 'none'; base-uri 'self';`
    + " form-action 'self'";
  document.head.append(made);
})();
"""


def apply_style() -> None:
    """Put the rules of looks, and of what may be loaded, on the page."""
    rules = _RULES.replace("NAME", _("Parkplan")) + (_CHINESE if language() == "zh" else "")
    st.html(f"<style>{rules}</style>")
    st.html(f"<script>{_POLICY}</script>", unsafe_allow_javascript=True)
