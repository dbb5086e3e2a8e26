"""The contrast of texts with what is behind them, as WCAG computes it."""

from __future__ import annotations

from playwright.sync_api import Page

#: Each text of the elements with its contrast: colours as drawn, through every opacity and see-through layer.
_CONTRASTS = """(selector) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parsed = new Map(), layers = new Map();
  const parse = (css) => {
    if (!parsed.has(css)) {
      canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; parsed.set(css, [r, g, b, a / 255]); }
    return parsed.get(css); };
  const over = ([r, g, b, a], [R, G, B]) => [r*a + R*(1-a), g*a + G*(1-a), b*a + B*(1-a), 1];
  const root = [255, 255, 255, 1];  // what a browser draws a page on that has no background
  const layer = (element) => {  // what is behind a text of the element, and how opaque the text is
    if (!element) return [root, 1];
    if (!layers.has(element)) {
      const [behind, opacity] = layer(element.parentElement), style = getComputedStyle(element);
      layers.set(element, [over(parse(style.backgroundColor), behind), opacity * style.opacity]); }
    return layers.get(element); };
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const found = [];
  for (const top of document.querySelectorAll(selector)) {
    const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim(), owner = walker.currentNode.parentElement;
      if (!text || owner.closest('style, script')) continue;
      const [behind, opacity] = layer(owner);
      const [r, g, b, a] = parse(getComputedStyle(owner).color);
      const [one, two] = [light(over([r, g, b, a * opacity], behind)), light(behind)];
      found.push([text, (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)]);
    }
  }
  return found; }"""

#: What WCAG asks for text of usual size.
READABLE = 4.5


def contrasts(page: Page, selector: str) -> dict[str, float]:
    """Return the least contrast of each text in the elements of a selector."""
    least: dict[str, float] = {}
    pairs: list[tuple[str, float]] = page.evaluate(_CONTRASTS, selector)
    for text, contrast in pairs:
        least[text] = min(contrast, least.get(text, contrast))
    return least


def unreadable(page: Page, selector: str) -> dict[str, float]:
    """Return the texts with less contrast than is asked for; fail if the elements have no text."""
    measured = contrasts(page, selector)
    assert measured, f"no text in {selector}"
    return {text: round(contrast, 2) for text, contrast in measured.items() if contrast < READABLE}
