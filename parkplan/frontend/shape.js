/** The panel beside a shape: area, perimeter, and its vertices, which can be typed. */

import { button } from "./dom.js";
import { area, perimeter } from "./measure.js";

const number = (value, digits) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Polygons of a Leaflet polygon, polyline or rectangle: each a list of rings, each a list of {lat, lng}. */
function polygons(layer) {
  const points = layer.getLatLngs();
  if (!points.length) return [];
  if (!Array.isArray(points[0])) return [[points]];
  return Array.isArray(points[0][0]) ? points : [points];
}

export class ShapePanel {
  /** `onMove(layer)` is called when a typed vertex has moved a shape, `onAdd(latlng)` for one typed while drawing. */
  constructor(box, words, onMove, onAdd) {
    Object.assign(this, { box, words, onMove, onAdd });
    box.style.display = "none";
  }

  hide() {
    this.layer = null;
    this.box.style.display = "none";
  }

  /** Show a finished shape (`drawing` false) or the one that is being drawn. */
  show(layer, drawing = false) {
    this.layer = layer;
    const w = this.words;
    const parts = polygons(layer);
    const all = parts.flat();
    const count = all.reduce((sum, ring) => sum + ring.length, 0);
    this.box.style.display = "";
    this.box.replaceChildren();
    const title = button("pp-fold", `${this.folded ? "▸" : "▾"} ${w.shape}`, "", () => {
      this.folded = !this.folded;
      this.show(layer, drawing);
      this.box.querySelector(".pp-fold").focus();
    });
    title.setAttribute("aria-expanded", String(!this.folded));
    const figures = this.text("div", "");
    figures.className = "pp-figures";
    const length = perimeter(all, count > 2);
    const said = length >= 10000 ? `${number(length / 1000, 2)} km` : `${number(length, 0)} m`;
    if (count > 2) {
      const square = parts.reduce((sum, part) => sum + area(part), 0);
      figures.dataset.areaM2 = square;
      figures.dataset.perimeterM = length;
      figures.textContent = `${w.area} ${number(square / 1e4, 2)} ${w.hectares} = ${number(square / 1e4 * 15, 1)} ${w.mu} · ${w.perimeter} ${said}`;
    } else figures.textContent = `${w.line} ${said}`;
    this.box.append(title, figures);
    if (this.folded) return;
    this.box.append(this.text("div", w.vertices));
    const table = document.createElement("table");
    if (count <= 400) all.forEach((ring, r) => ring.forEach((point, i) => table.append(this.row(ring, r, i, point, drawing))));
    this.box.append(table);
    if (drawing) this.box.append(this.adder());
  }

  row(ring, r, i, point, drawing) {
    const line = document.createElement("tr");
    line.append(this.text("td", `${r ? `${r}.` : ""}${i + 1}`));
    for (const axis of ["lng", "lat"]) {
      const cell = document.createElement("td");
      const input = document.createElement("input");
      input.value = point[axis].toFixed(6);
      input.setAttribute("aria-label", `${this.words[axis === "lng" ? "lon" : "lat"]} ${i + 1}`);
      input.readOnly = drawing;
      input.onchange = () => {
        const value = Number(input.value);
        const good = input.value.trim() !== "" && Number.isFinite(value) && Math.abs(value) <= (axis === "lng" ? 180 : 90);
        input.setAttribute("aria-invalid", String(!good));
        if (!good) return;
        ring[i] = axis === "lng" ? window.L.latLng(point.lat, value) : window.L.latLng(value, point.lng);
        this.layer.setLatLngs(this.layer.getLatLngs());
        this.onMove(this.layer);
      };
      cell.append(input);
      line.append(cell);
    }
    return line;
  }

  /** Two fields and a button: the next vertex by its numbers. */
  adder() {
    const line = document.createElement("div");
    const fields = ["lon", "lat"].map((name) => {
      const input = document.createElement("input");
      input.placeholder = this.words[name];
      input.setAttribute("aria-label", `${this.words.add} ${this.words[name]}`);
      return input;
    });
    const button = this.text("button", `＋ ${this.words.add}`);
    button.onclick = () => {
      const [lon, lat] = fields.map((field) => (field.value.trim() === "" ? NaN : Number(field.value)));
      if (Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) this.onAdd(window.L.latLng(lat, lon));
      else fields.forEach((field) => field.setAttribute("aria-invalid", "true"));
    };
    line.append(...fields, button);
    return line;
  }

  text(tag, words) {
    const element = document.createElement(tag);
    element.textContent = words;
    return element;
  }
}
