/** The band below the map about one shape: area, perimeter, and its vertices, which can be typed. It covers nothing. */

import { button, element } from "./dom.js";
import { area, perimeter } from "./measure.js";

const MOST = 400;
const number = (value, digits) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const LIMIT = { lng: 180, lat: 90 };

/** Value of a field in degrees, or null; a wrong one is marked. */
function degrees(input, axis) {
  const value = Number(input.value);
  const good = input.value.trim() !== "" && Number.isFinite(value) && Math.abs(value) <= LIMIT[axis];
  input.setAttribute("aria-invalid", String(!good));
  return good ? value : null;
}

/** Polygons of a Leaflet polygon, polyline or rectangle: each a list of rings, each a list of {lat, lng}. */
function polygons(layer) {
  const points = layer.getLatLngs();
  if (!points.length) return [];
  if (!Array.isArray(points[0])) return [[points]];
  return Array.isArray(points[0][0]) ? points : [points];
}

export class ShapePanel {
  /**
   * `onMove(layer)` is called when a typed vertex has moved a shape, `onAdd(latlng)` for one typed while drawing,
   * `onSize()` when the band appears or goes.
   */
  constructor(box, words, onMove, onAdd, onSize) {
    Object.assign(this, { box, words, onMove, onAdd, onSize });
    box.style.display = "none";
  }

  hide() {
    this.layer = null;
    this.display("none");
  }

  display(value) {
    if (this.box.style.display === value) return;
    this.box.style.display = value;
    this.onSize();
  }

  /** Show a finished shape (`drawing` false) or the one that is being drawn. */
  show(layer, drawing = false) {
    this.layer = layer;
    const w = this.words;
    const parts = polygons(layer);
    const all = parts.flat();
    const count = all.reduce((sum, ring) => sum + ring.length, 0);
    this.box.replaceChildren();
    const fold = button("pp-fold", `${this.folded ? "▸" : "▾"} ${w.shape}`, "", () => {
      this.folded = !this.folded;
      this.show(layer, drawing);
      this.onSize();
      this.box.querySelector(".pp-fold").focus();
    });
    fold.setAttribute("aria-expanded", String(!this.folded));
    const head = element("div", "pp-shape-head");
    head.append(fold, this.figures(parts, all, count));
    this.box.append(head);
    if (!this.folded) {
      const list = element("div", "pp-vertices");
      list.title = w.vertices;
      if (drawing) list.append(this.adder());
      if (count <= MOST) all.forEach((ring, r) => ring.forEach((point, i) => list.append(this.vertex(ring, r, i, point, drawing))));
      this.box.append(list);
    }
    this.display("");
  }

  figures(parts, all, count) {
    const w = this.words;
    const made = element("span", "pp-figures");
    const length = perimeter(all, count > 2);
    const said = length >= 10000 ? `${number(length / 1000, 2)} km` : `${number(length, 0)} m`;
    if (count > 2) {
      const square = parts.reduce((sum, part) => sum + area(part), 0);
      made.dataset.areaM2 = square;
      made.dataset.perimeterM = length;
      made.textContent = `${w.area} ${number(square / 1e4, 2)} ${w.hectares} = ${number((square / 1e4) * 15, 1)} ${w.mu} · ${w.perimeter} ${said}`;
    } else made.textContent = `${w.line} ${said}`;
    return made;
  }

  vertex(ring, r, i, point, drawing) {
    const made = element("span", "pp-vertex");
    made.append(element("span", "", `${r ? `${r}.` : ""}${i + 1}`));
    for (const axis of ["lng", "lat"]) {
      const input = element("input");
      input.value = point[axis].toFixed(6);
      input.setAttribute("aria-label", `${this.words[axis === "lng" ? "lon" : "lat"]} ${i + 1}`);
      input.readOnly = drawing;
      input.onchange = () => {
        const value = degrees(input, axis);
        if (value === null) return;
        ring[i] = axis === "lng" ? window.L.latLng(point.lat, value) : window.L.latLng(value, point.lng);
        this.layer.setLatLngs(this.layer.getLatLngs());
        this.onMove(this.layer);
      };
      made.append(input);
    }
    return made;
  }

  /** Two fields and a button: the next vertex by its numbers. */
  adder() {
    const made = element("span", "pp-adder");
    const [lon, lat] = ["lon", "lat"].map((name) => {
      const input = element("input");
      input.placeholder = this.words[name];
      input.setAttribute("aria-label", `${this.words.add} ${this.words[name]}`);
      return input;
    });
    const add = () => {
      const [x, y] = [degrees(lon, "lng"), degrees(lat, "lat")];
      if (x !== null && y !== null) this.onAdd(window.L.latLng(y, x));
    };
    for (const input of [lon, lat]) input.onkeydown = (event) => event.key === "Enter" && add();
    made.append(lon, lat, button("pp-add", `＋ ${this.words.add}`, "", add));
    return made;
  }
}
