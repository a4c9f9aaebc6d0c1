/** Layers that hold up to a few million things on one canvas: no WebGL, no element a thing. */

import { defineLines } from "./lines.js";
import { definePoints } from "./points.js";

/** Mercator coordinates 0–1 of longitudes and latitudes in 1e-7 degrees. */
export function mercator(lon, lat) {
  const n = lon.length;
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    x[i] = lon[i] / 3.6e9 + 0.5;
    const s = Math.sin((lat[i] / 1e7) * (Math.PI / 180));
    y[i] = 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
  }
  return { x, y };
}

/** Define L.ParkCanvas and what is built on it, once Leaflet is there. */
export function defineCanvas(L) {
  if (L.ParkCanvas) return;
  /** What is common: the canvas follows the view. `paint(context, scale, origin, width, height)` draws. */
  L.ParkCanvas = L.Layer.extend({
    initialize(data, options) {
      L.setOptions(this, options);
      this.data = data;
      this.hidden = new Set();
    },
    onAdd(map) {
      this._map = map;
      this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide");
      this._canvas.style.pointerEvents = "none";
      this._canvas.style.opacity = this._opacity ?? 1;
      this.getPane().append(this._canvas);
      map.on("moveend resize", this.draw, this);
      this.draw();
    },
    onRemove(map) {
      map.off("moveend resize", this.draw, this);
      this._canvas.remove();
    },
    setOpacity(value) {
      this._opacity = value;
      if (this._canvas) this._canvas.style.opacity = value;
    },
    getBounds() {
      const { lon, lat } = this.data;
      let [w, s, e, n] = [1800000000, 900000000, -1800000000, -900000000];
      for (let i = 0; i < lon.length; i++) {
        if (lon[i] < w) w = lon[i];
        if (lon[i] > e) e = lon[i];
        if (lat[i] < s) s = lat[i];
        if (lat[i] > n) n = lat[i];
      }
      return lon.length ? L.latLngBounds([s / 1e7, w / 1e7], [n / 1e7, e / 1e7]) : L.latLngBounds([]);
    },
    /** Computed once: Mercator coordinates 0–1. */
    prepare() {
      if (!this.x) Object.assign(this, mercator(this.data.lon, this.data.lat));
    },
    draw() {
      const began = performance.now();
      this.prepare();
      const map = this._map;
      const size = map.getSize();
      const corner = map.containerPointToLayerPoint([0, 0]);
      L.DomUtil.setPosition(this._canvas, corner);
      const ratio = this.ratio();
      this._canvas.width = Math.round(size.x * ratio);
      this._canvas.height = Math.round(size.y * ratio);
      this._canvas.style.width = `${size.x}px`;
      this._canvas.style.height = `${size.y}px`;
      if (!size.x || !size.y) return;
      const origin = map.getPixelOrigin().add(corner);
      this.paint(this._canvas.getContext("2d"), 256 * 2 ** map.getZoom(), origin, size.x, size.y);
      this.took = performance.now() - began;
    },
    /** Canvas pixels for one of the page's. */
    ratio: () => 1,
  });
  definePoints(L);
  defineLines(L);
}
