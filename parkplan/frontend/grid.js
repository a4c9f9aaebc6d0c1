/** Lines of longitude and latitude: something to find one's way by without tiles. */

import { element } from "./dom.js";

const STEPS = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
const LEFT_PX = 50; // right of the tools

const words = (value, digits, plus, minus) => `${Math.abs(value).toFixed(digits)}°${value < 0 ? minus : plus}`;

/** Draw the lines of the present view into a layer group, in place of those of the view before. */
export function graticule(map, group) {
  group.clearLayers();
  const bounds = map.getBounds();
  const [w, e] = [bounds.getWest(), bounds.getEast()];
  const [s, n] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
  const span = Math.max(e - w, 1e-6);
  const step = STEPS.find((value) => span / value >= 4) ?? STEPS.at(-1);
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const quiet = { pane: "grid", interactive: false, pmIgnore: true, snapIgnore: true };
  const line = (points) => L.polyline(points, { ...quiet, color: "#8887", weight: 0.6 }).addTo(group);
  const label = (latlng, text) => {
    const icon = L.divIcon({ className: "pp-degrees", html: element("span", "", text), iconSize: null });
    L.marker(latlng, { ...quiet, keyboard: false, icon }).addTo(group);
  };
  const left = map.containerPointToLatLng([LEFT_PX, 0]).lng;
  const top = map.containerPointToLatLng([0, 2]).lat;
  const right = map.containerPointToLatLng([map.getSize().x - 60, 0]).lng;
  for (let k = Math.ceil(w / step); k * step <= e; k++) {
    line([[s, k * step], [n, k * step]]);
    if (k * step > left && k * step < right) label([top, k * step], words(k * step, digits, "E", "W"));
  }
  for (let k = Math.ceil(s / step); k * step <= n; k++) {
    line([[k * step, w], [k * step, e]]);
    label([k * step, left], words(k * step, digits, "N", "S"));
  }
}
