/** Points on one canvas: round and rimmed while they are few, plain pixels when there are many. */

const FEW = 8000;
const REACH_PX = 8;

/** #RRGGBB as the little-endian pixel that a canvas holds. */
export function pixel(hex) {
  const value = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (((value >> 8) & 255) << 8) | (value >> 16)) >>> 0;
}

/** A disc with a white rim, drawn once for all points of its colour. */
function disc(colour, radius, ratio) {
  const made = document.createElement("canvas");
  made.width = made.height = Math.ceil(2 * (radius + 1) * ratio);
  const context = made.getContext("2d");
  context.scale(ratio, ratio);
  context.beginPath();
  context.arc(radius + 1, radius + 1, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 0.9;
  context.strokeStyle = "#fffc";
  context.stroke();
  return made;
}

/** Define L.ParkPoints once Leaflet is there; `data`: lon, lat (1e-7 degrees), category; options: palette, size. */
export function definePoints(L) {
  L.ParkPoints = L.ParkCanvas.extend({
    ratio() {
      return this.data.lon.length <= FEW ? window.devicePixelRatio || 1 : 1;
    },
    paint(context, scale, origin, width, height) {
      if (this.x.length <= FEW) this.discs(context, scale, origin, width, height);
      else this.pixels(context, scale, origin, width, height);
    },
    discs(context, scale, origin, width, height) {
      const ratio = this.ratio();
      const radius = this.options.size ?? (this.x.length > 3000 ? 2.5 : 3.5);
      const stamps = this.options.palette.map((colour) => disc(colour, radius, ratio));
      const { category } = this.data;
      let seen = 0;
      for (let i = 0; i < this.x.length; i++) {
        const px = this.x[i] * scale - origin.x;
        const py = this.y[i] * scale - origin.y;
        if (px < -radius || py < -radius || px > width + radius || py > height + radius || this.hidden.has(category[i])) continue;
        seen++;
        context.drawImage(stamps[category[i]] ?? stamps[0], (px - radius - 1) * ratio, (py - radius - 1) * ratio);
      }
      this.seen = seen;
    },
    pixels(context, scale, origin, width, height) {
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const { x, y, hidden } = this;
      const { category } = this.data;
      const palette = Uint32Array.from({ length: 256 }, (_, k) => pixel(this.options.palette[k] ?? this.options.palette[0]));
      const shown = Uint8Array.from({ length: 256 }, (_, k) => Number(!hidden.has(k)));
      const n = x.length;
      const radius = this.options.size ?? (n > 200000 && this._map.getZoom() < 13 ? 1 : 2);
      const offsets = [];
      for (let b = -radius; b <= radius; b++) for (let a = -radius; a <= radius; a++) if (a * a + b * b <= radius * radius + 0.5) offsets.push(b * width + a);
      const [right, bottom, count] = [width - radius, height - radius, offsets.length];
      const around = Int32Array.from(offsets);
      let seen = 0;
      for (let i = 0; i < n; i++) {
        const px = (x[i] * scale - origin.x) | 0;
        const py = (y[i] * scale - origin.y) | 0;
        // Points on the very edge of the view are left out: half of one is hardly seen, and no bound need be checked.
        if (px < radius || py < radius || px >= right || py >= bottom || !shown[category[i]]) continue;
        seen++;
        const at = py * width + px;
        const colour = palette[category[i]];
        for (let k = 0; k < count; k++) pixels[at + around[k]] = colour;
      }
      context.putImageData(image, 0, 0);
      this.seen = seen;
    },
    /** Index of the nearest visible point within reach of a place, or −1; one pass. */
    pick(latlng) {
      this.prepare();
      const scale = 256 * 2 ** this._map.getZoom();
      const at = this._map.project(latlng, this._map.getZoom());
      let best = -1;
      let least = REACH_PX * REACH_PX;
      for (let i = 0; i < this.x.length; i++) {
        const dx = this.x[i] * scale - at.x;
        if (dx > REACH_PX || dx < -REACH_PX) continue;
        const dy = this.y[i] * scale - at.y;
        const d = dx * dx + dy * dy;
        if (d < least && !this.hidden.has(this.data.category[i])) {
          least = d;
          best = i;
        }
      }
      return best;
    },
    /** Position of a point. */
    at(index) {
      return L.latLng(this.data.lat[index] / 1e7, this.data.lon[index] / 1e7);
    },
  });
}
