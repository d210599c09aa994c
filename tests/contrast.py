"""Contrast as WCAG 2.2 counts it, measured in a browser on what is really drawn."""

# In a page: what is too pale. Text against what lies under it: 4.5 to 1, large text 3 to 1. Shapes of drawings and the
# edges of boxes against their ground: 3 to 1 by their fill, their pattern or their outline. `quiet` holds colours of
# helping lines (grids), which a reader may miss; shades that carry their number as text are covered by the text.
# `within`: a selector, to look at part of a page only; null for all of it.
PALE = """([quiet, within]) => {
  const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = text => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = '#000'; probe.fillStyle = text; probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const shape = node => node.matches('rect, path, circle, ellipse, polygon, line, polyline, use');
  const paint = (node, name) => {
    const style = getComputedStyle(node), value = style[name];
    if (!value || value === 'none') return null;
    const pattern = value.match(/url\\("?#([^")]+)/);
    if (pattern) {  // the darkest stroke or fill of the pattern, and whether it fills its tile
      const inside = [...document.querySelectorAll('[id="' + pattern[1] + '"] *')];
      const drawn = inside.flatMap(one => [getComputedStyle(one).fill, getComputedStyle(one).stroke])
        .filter(c => c && c !== 'none').map(rgba);
      return drawn.sort((a, b) => light(a) - light(b))[0] || null;
    }
    const c = rgba(value), dim = name === 'fill' ? style.fillOpacity : style.strokeOpacity;
    return [...c.slice(0, 3), c[3] * parseFloat(dim || 1)];
  };
  const dimmed = node => { let a = 1; for (; node instanceof Element; node = node.parentElement)
    a *= parseFloat(getComputedStyle(node).opacity); return a; };
  // What lies under a point, from the node itself downwards; text is not a ground.
  const ground = (x, y, node) => {
    const stack = document.elementsFromPoint(x, y), layers = [];
    for (const one of stack.slice(stack.indexOf(node))) {
      if (one.matches('text, tspan')) continue;
      const c = shape(one) ? paint(one, 'fill') : rgba(getComputedStyle(one).backgroundColor);
      if (c && c[3]) { layers.push([...c.slice(0, 3), c[3] * (shape(one) ? dimmed(one) : 1)]); if (c[3] === 1) break; }
    }
    return layers.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]);
  };
  const found = [], told = new Set();
  const tell = (what, needed, value, about) => {
    const key = what + about; if (value >= needed - 0.005 || told.has(key)) return;
    told.add(key); found.push(`${what} ${value.toFixed(2)}:1, not ${needed}:1: ${about}`);
  };
  const elsewhere = node => within && !node.closest(within);
  let count = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!words || elsewhere(node) || !node.checkVisibility()) continue;
    if (node.closest('style, script, title, option')) continue;
    const range = document.createRange(); range.selectNodeContents(walker.currentNode);
    const box = [...range.getClientRects()].find(one => one.width > 1 && one.height > 1);
    if (!box || box.bottom < 0 || box.top > innerHeight || box.left > innerWidth) continue;
    const style = getComputedStyle(node), drawn = node.closest('svg');
    if (style.clipPath.startsWith('inset(50%')) continue;  // for screen readers alone
    const colour = drawn ? paint(node, 'fill') : rgba(style.color);
    if (!colour || node.closest(':disabled, [aria-disabled=true]')) continue;
    const spots = [0.1, 0.5, 0.9].map(part => [box.left + box.width * part, box.top + box.height / 2])
      .filter(([x, y]) => document.elementsFromPoint(x, y).includes(node));  // not what lies under a toolbar
    if (!spots.length) continue;
    count++;
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const sign = !/[\\p{L}\\p{N}]/u.test(words);  // an arrow counts as a drawing
    const needed = sign || size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const rim = drawn && style.paintOrder.startsWith('stroke') && paint(node, 'stroke');
    const seen = [...colour.slice(0, 3), colour[3] * dimmed(node)];
    for (const [x, y] of spots) {
      const under = rim || ground(x, y, node);
      tell('text', needed, ratio(over(seen, under), under), words.slice(0, 30));
    }
  }
  for (const node of document.querySelectorAll('body *')) {
    if (elsewhere(node) || !node.checkVisibility() || node.closest('svg, [aria-hidden=true]')) continue;
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    for (const side of ['Left', 'Top', 'Right', 'Bottom']) {
      if (parseFloat(style[`border${side}Width`]) < 4 || style[`border${side}Style`] === 'none') continue;
      const c = rgba(style[`border${side}Color`]), under = rgba(style.backgroundColor);
      if (!c[3] || !under[3] || box.top > innerHeight) continue;
      count++;
      const paper = over(under, [255, 255, 255, 1]);
      tell('edge', 3, ratio(over(c, paper), paper), node.className || node.tagName);
    }
  }
  for (const node of document.querySelectorAll('svg *')) {
    if (!shape(node) || elsewhere(node)) continue;
    if (node.closest('defs, clipPath, pattern, marker, [aria-hidden=true]')) continue;
    const box = node.getBoundingClientRect();
    if (Math.max(box.width, box.height) < 2 || box.top > innerHeight || box.bottom < 0) continue;
    const page = node.ownerSVGElement.getBoundingClientRect();
    const fill = paint(node, 'fill'), stroke = paint(node, 'stroke');
    const colours = [fill, stroke].filter(c => c && c[3]).map(c => [...c.slice(0, 3), c[3] * dimmed(node)]);
    if (!colours.length) continue;
    count++;
    if (!stroke && box.width * box.height > 0.3 * page.width * page.height) continue;  // a ground
    if (colours.every(c => quiet.some(q => [0, 1, 2].every(i => Math.abs(rgba(q)[i] - c[i]) < 2)))) continue;
    const under = [255, 255, 255, 1];  // every drawing of the course is on white paper
    if (colours.every(c => light(over(c, under)) > 0.95)) continue;  // a rim or a hole
    tell('shape', 3, Math.max(...colours.map(c => ratio(over(c, under), under))), node.outerHTML.slice(0, 120));
  }
  return {found, count};
}"""
