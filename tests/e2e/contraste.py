"""The contrast of the texts of a page, as axe judges it; what is drawn alike is judged once.

The contrast of a text comes from its colour, its size, its weight and what is painted behind it.
Where all of these are as in a text that passed, so is the verdict: to ask it again of each row, of
each page, at each width was most of the time of the browser. What axe could not decide is not known
to pass, and is asked each time; so is what floats above something else.
"""

CONTRASTE = """
async (known) => {
  const passed = new Set(known), drawings = new Map(), grounds = new Map();
  const number = (text) => {
    let [high, low] = [0xdeadbeef, 0x41c6ce57];
    for (let rank = 0; rank < text.length; rank++) {
      high = Math.imul(high ^ text.charCodeAt(rank), 2654435761);
      low = Math.imul(low ^ text.charCodeAt(rank), 1597334677);
    }
    return 4294967296 * (2097151 & low) + (high >>> 0);
  };
  // What is painted behind the content of an element; null where it floats above something else.
  const ground = (element) => {
    if (!element) return "";
    if (!grounds.has(element)) {
      const style = getComputedStyle(element);
      const own = [
        style.backgroundColor, style.backgroundImage, style.opacity, style.filter,
        style.mixBlendMode,
      ].join();
      const opaque = own.startsWith("rgb(") && own.endsWith("none,1,none,normal");
      const floats = style.transform !== "none" || !["static", "relative"].includes(style.position);
      const behind = ground(element.parentElement);
      grounds.set(
        element,
        opaque ? own
          : floats || behind === null ? null
          : own === "rgba(0, 0, 0, 0),none,1,none,normal" ? behind
          : `${behind}|${own}`,
      );
    }
    return grounds.get(element);
  };
  const asked = [];
  for (const element of document.body.querySelectorAll("*")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === 3);
    const text = texts.map((node) => node.data).join("");
    const typed = element.matches("input, select, textarea");
    if (!(typed || text.trim())) continue;
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const style = getComputedStyle(element), behind = ground(element);
    // axe decides nothing of a lone character, nor of the words of what is disabled.
    const decides = typed || /[\\p{L}\\p{N}][^]*[\\p{L}\\p{N}]/u.test(text);
    const off = element.closest(":disabled, [aria-disabled=true]") ||
      element.closest("label")?.control?.matches(":disabled");
    if (behind !== null && decides && !off) {
      const drawing = number(
        [style.color, style.fontSize, style.fontWeight, style.textShadow, behind].join()
      );
      if (passed.has(drawing)) continue;
      drawings.set(element, drawing);
    }
    asked.push(element);
  }
  if (!asked.length) return {asked: 0, violations: [], passed: []};
  const {violations, passes} = await axe.run({include: asked}, {
    preload: false,
    runOnly: {type: "rule", values: ["color-contrast"]},
    resultTypes: ["violations", "passes"],
    elementRef: true,
  });
  for (const {nodes} of violations) for (const node of nodes) delete node.element;
  const good = passes.flatMap(({nodes}) => nodes.map(({element}) => drawings.get(element)));
  return {asked: asked.length, violations, passed: [...new Set(good)].filter(Boolean)};
}
"""


class Contraste:
    """What is known to pass, in this process: `violations(page)` are those of what is not."""

    def __init__(self):
        self.known = set()
        self.asked = 0

    def violations(self, page):
        """axe's violations of the rule `color-contrast`; axe must have been loaded by the page."""
        told = page.evaluate(CONTRASTE, sorted(self.known))
        self.asked = told["asked"]
        if not told["violations"]:
            self.known |= set(told["passed"])
        return told["violations"]
