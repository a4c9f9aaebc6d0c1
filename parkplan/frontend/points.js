/** A layer of up to a few million points on one canvas: no WebGL, no element per point. */

/** Define L.ParkPoints once Leaflet is there. */
export function definePoints(L) {
  if (L.ParkPoints) return;
  L.ParkPoints = L.Layer.extend({
    /** `data`: lon and lat (Int32Array, 1e-7 degrees), category (Uint8Array); `options`: palette, size, pane. */
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
    /** Mercator coordinates 0–1, computed once. */
    prepare() {
      if (this.x) return;
      const { lon, lat } = this.data;
      const n = lon.length;
      this.x = new Float64Array(n);
      this.y = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        this.x[i] = lon[i] / 3.6e9 + 0.5;
        const s = Math.sin((lat[i] / 1e7) * (Math.PI / 180));
        this.y[i] = 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
      }
    },
    draw() {
      this.prepare();
      const map = this._map;
      const size = map.getSize();
      const corner = map.containerPointToLayerPoint([0, 0]);
      L.DomUtil.setPosition(this._canvas, corner);
      const width = (this._canvas.width = size.x);
      const height = (this._canvas.height = size.y);
      if (!width || !height) return;
      const context = this._canvas.getContext("2d");
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const scale = 256 * 2 ** map.getZoom();
      const origin = map.getPixelOrigin().add(corner);
      const { category } = this.data;
      const palette = this.options.palette;
      const n = this.x.length;
      const radius = this.options.size ?? (n > 200000 && map.getZoom() < 13 ? 1 : n > 20000 ? 2 : 3);
      const disc = [];
      for (let a = -radius; a <= radius; a++) for (let b = -radius; b <= radius; b++) if (a * a + b * b <= radius * radius + 0.5) disc.push([a, b]);
      let seen = 0;
      for (let i = 0; i < n; i++) {
        const px = (this.x[i] * scale - origin.x) | 0;
        const py = (this.y[i] * scale - origin.y) | 0;
        if (px < 0 || py < 0 || px >= width || py >= height || this.hidden.has(category[i])) continue;
        seen++;
        const colour = palette[category[i]] ?? palette[0];
        for (const [a, b] of disc) {
          const x = px + a;
          const y = py + b;
          if (x >= 0 && x < width && y >= 0 && y < height) pixels[y * width + x] = colour;
        }
      }
      context.putImageData(image, 0, 0);
      this.seen = seen;
    },
    /** Index of the nearest visible point within 8 pixels of a place, or −1; one pass. */
    pick(latlng) {
      this.prepare();
      const scale = 256 * 2 ** this._map.getZoom();
      const at = this._map.project(latlng, this._map.getZoom());
      let best = -1;
      let least = 64;
      for (let i = 0; i < this.x.length; i++) {
        const dx = this.x[i] * scale - at.x;
        if (dx > 8 || dx < -8) continue;
        const dy = this.y[i] * scale - at.y;
        const d = dx * dx + dy * dy;
        if (d < least && !this.hidden.has(this.data.category[i])) {
          least = d;
          best = i;
        }
      }
      return best;
    },
  });
}

/** #RRGGBB as the little-endian pixel that a canvas holds. */
export function pixel(hex) {
  const value = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (((value >> 8) & 255) << 8) | (value >> 16)) >>> 0;
}
