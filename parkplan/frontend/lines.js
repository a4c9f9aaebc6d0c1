/** Many short lines on one canvas, as a backdrop: the coarse roads of the country. */

/** Define L.ParkLines once Leaflet is there. Neighbouring pairs of positions are the ends of a line. */
export function defineLines(L) {
  L.ParkLines = L.ParkCanvas.extend({
    ratio: () => window.devicePixelRatio || 1,
    paint(context, scale, origin, width, height) {
      if (this._map.getZoom() > (this.options.maxZoom ?? 99)) return; // nearer than they are exact
      const { x, y } = this;
      const ratio = this.ratio();
      context.scale(ratio, ratio);
      context.strokeStyle = this.options.color ?? "#888";
      context.lineWidth = this.options.weight ?? 0.6;
      context.beginPath();
      for (let i = 0; i < x.length; i += 2) {
        const x0 = x[i] * scale - origin.x;
        const x1 = x[i + 1] * scale - origin.x;
        const y0 = y[i] * scale - origin.y;
        const y1 = y[i + 1] * scale - origin.y;
        if ((x0 < 0 && x1 < 0) || (y0 < 0 && y1 < 0) || (x0 > width && x1 > width) || (y0 > height && y1 > height)) continue;
        context.moveTo(x0, y0);
        context.lineTo(x1, y1);
      }
      context.stroke();
    },
  });
}
