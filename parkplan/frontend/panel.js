/** The list of layers in the corner, and the legend below the map: what is shown, and what its colours mean. */

import { button, element } from "./dom.js";
import { DRAWN } from "./drawing.js";

const NARROW_PX = 900;

/** The sign of a colour in the legend: round for points, a bar for lines, else a patch. */
function swatch(data, colour) {
  const made = element("i");
  const style = data.style ?? {};
  const kind = data.data?.features?.[0]?.geometry?.type ?? "";
  if (data.kind === "points" || kind.endsWith("Point")) made.className = "pp-dot";
  else if (data.kind === "lines" || style.fill === false) made.className = "pp-bar";
  made.style.background = colour;
  if (!made.className && style.weight && style.color) made.style.borderColor = style.color;
  return made;
}

/** Legend entries of a layer: those that it brings, else its own colour and name. */
function entries(data) {
  if (data.legend === false) return [];
  if (data.legend?.length) return data.legend;
  const style = data.style ?? {};
  const colour = style.fill === false ? style.color : (style.fillColor ?? style.color);
  return colour && !data.data?.features?.[0]?.properties?._t ? [[colour, data.name]] : [];
}

export class Panel {
  /** `owner` is the map: its layers (`live`), their order and `stack()`. */
  constructor(owner, box, strip) {
    Object.assign(this, { owner, box, strip, open: new Set() });
  }

  /** Layers from the topmost to the lowest. */
  listed() {
    const { live, order } = this.owner;
    return [...order].reverse().flatMap((id) => (live.has(id) ? [[id, live.get(id)]] : []));
  }

  show() {
    this.list();
    this.legend();
  }

  list() {
    const { owner, box } = this;
    const w = owner.words;
    box.replaceChildren();
    box.style.display = owner.live.size ? "" : "none";
    this.folded ??= owner.map.getSize().x < NARROW_PX;
    const head = button("pp-fold", `${this.folded ? "▸" : "▾"} ${w.layers}`, "", () => {
      this.folded = !this.folded;
      this.list();
      box.querySelector(".pp-fold").focus();
    });
    head.setAttribute("aria-expanded", String(!this.folded));
    box.append(head);
    box.classList.toggle("pp-folded", this.folded);
    if (!this.folded) for (const [id, entry] of this.listed()) this.row(id, entry);
  }

  row(id, entry) {
    const { owner, box } = this;
    const { data, layer } = entry;
    const row = element("div", "pp-row");
    const label = element("label");
    const tick = element("input");
    tick.type = "checkbox";
    tick.checked = owner.map.hasLayer(layer);
    tick.onchange = () => {
      if (tick.checked) layer.addTo(owner.map);
      else layer.remove();
      this.legend();
    };
    label.append(tick, element("span", "", data.name));
    label.title = data.name;
    const more = button("pp-more", "⋯", `${data.name}: ${owner.words.more}`, () => {
      if (!this.open.delete(id)) this.open.add(id);
      this.list();
    });
    more.setAttribute("aria-expanded", String(this.open.has(id)));
    row.append(label, more);
    box.append(row);
    if (this.open.has(id)) box.append(this.details(id, entry));
  }

  /** Opacity and order of one layer. */
  details(id, entry) {
    const w = this.owner.words;
    const line = element("div", "pp-details");
    const range = element("input");
    Object.assign(range, { type: "range", min: 0, max: 1, step: 0.1, value: entry.opacity });
    range.setAttribute("aria-label", `${entry.data.name} ${w.opacity}`);
    range.oninput = () => {
      entry.opacity = Number(range.value);
      entry.layer.setOpacity?.(entry.opacity);
    };
    const mover = (by, sign, title) =>
      button("", sign, title, () => {
        const { order } = this.owner;
        const place = order.indexOf(id);
        const other = place + by;
        if (other < 0 || other >= order.length) return;
        [order[place], order[other]] = [order[other], order[place]];
        this.owner.arranged = true;
        this.owner.stack();
        this.show();
      });
    line.append(element("span", "", w.opacity), range, mover(1, "▴", w.up), mover(-1, "▾", w.down));
    return line;
  }

  legend() {
    const { owner, strip } = this;
    strip.replaceChildren();
    const { name, note } = owner.editWords ?? {};
    if (name && owner.edit.getLayers().length) this.group(null, [[DRAWN.color, name]], { style: { fill: false } }, note);
    for (const [, entry] of this.listed()) {
      const { data, layer } = entry;
      const lines = owner.map.hasLayer(layer) ? entries(data) : [];
      if (!lines.length && !(data.note && owner.map.hasLayer(layer))) continue;
      this.group(entry.layer, lines, data, data.note);
    }
    strip.style.display = strip.childElementCount ? "" : "none";
    owner.resized();
  }

  /** The entries of one layer, under its heading. */
  group(layer, lines, data, note) {
    const group = element("div", "pp-group");
    if (data.legend?.length) group.append(element("b", "", data.heading ?? data.name));
    lines.forEach(([colour, words], place) => group.append(this.entry(layer, data, colour, words, place)));
    if (note) group.append(element("span", "pp-note", note));
    this.strip.append(group);
  }

  /** One colour and its words; a kind of points can be hidden by a click. */
  entry(layer, data, colour, words, place) {
    if (data.kind !== "points" || !data.legend?.length) {
      const line = element("span", "pp-legend");
      line.append(swatch(data, colour), element("span", "", words));
      return line;
    }
    const line = button("pp-legend", "", "", () => {
      if (!layer.hidden.delete(place)) layer.hidden.add(place);
      mark();
      layer.draw();
    });
    const mark = () => {
      line.classList.toggle("pp-off", layer.hidden.has(place));
      line.setAttribute("aria-pressed", String(!layer.hidden.has(place)));
    };
    line.append(swatch(data, colour), element("span", "", words));
    mark();
    return line;
  }
}
