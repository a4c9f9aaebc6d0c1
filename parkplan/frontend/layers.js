/** From what Python sends to layers of the map. */

import { element } from "./dom.js";

const QUIET = { pmIgnore: true, snapIgnore: true };

/** A text that stands on the map; it lets clicks through. */
function name(latlng, words, pane, beside) {
  const icon = L.divIcon({ className: beside ? "pp-name pp-beside" : "pp-name", html: element("span", "", words), iconSize: null });
  return L.marker(latlng, { ...QUIET, pane, icon, interactive: false, keyboard: false });
}

/** Leaflet sets an attribution as HTML. */
const escaped = (words) => element("span", "", words).innerHTML;

/**
 * Make one layer.
 *
 * `buffer` holds the positions of points and lines; `pane` is where it is drawn; `onClick(event, feature)` is
 * called for a feature that is clicked.
 */
export function makeLayer(data, buffer, pane, root, onClick) {
  if (data.kind === "points") {
    const n = data.count;
    const packed = { lon: new Int32Array(buffer, 0, n), lat: new Int32Array(buffer, 4 * n, n), category: new Uint8Array(buffer, 8 * n, n) };
    return new L.ParkPoints(packed, { palette: data.palette ?? ["#d9480f"], size: data.size ?? undefined, pane });
  }
  if (data.kind === "lines") {
    const n = data.count;
    const packed = { lon: new Int32Array(buffer, 0, n), lat: new Int32Array(buffer, 4 * n, n) };
    return new L.ParkLines(packed, { ...data.style, pane, attribution: data.attribution && escaped(data.attribution) });
  }
  if (data.kind === "image") {
    return L.imageOverlay(data.url.startsWith("data:") ? data.url : root + data.url, data.bounds, { opacity: data.opacity ?? 1, pane });
  }
  return features(data, pane, onClick);
}

function features(data, pane, onClick) {
  const base = { color: "#555", weight: 1, fillOpacity: 0.7, ...(data.style ?? {}) };
  const renderer = L.svg({ pane });
  const dress = (feature) => {
    const p = feature.properties ?? {};
    return { ...base, ...(p._c ? { fillColor: p._c } : {}), ...(p._s ? { color: p._s } : {}), ...(p._w !== undefined ? { weight: p._w } : {}) };
  };
  const made = L.geoJSON(data.data, {
    pane,
    renderer,
    style: dress,
    pmIgnore: true,
    snapIgnore: false,
    pointToLayer: (feature, latlng) => {
      const p = feature.properties ?? {};
      return p._t ? name(latlng, p._t, pane, data.beside) : L.circleMarker(latlng, { radius: p._r ?? 5, pane, renderer, pmIgnore: true });
    },
    onEachFeature: (feature, layer) => {
      const tip = feature.properties?.tip;
      if (tip) layer.bindTooltip(element("span", "", tip), { sticky: true });
      layer.on("click", (event) => onClick(event, feature));
      // A shape that listens is a stop of the Tab key: hundreds of them would bar the way to the tools.
      layer.on("add", () => layer.getElement?.()?.setAttribute("tabindex", "-1"));
    },
  });
  made.setOpacity = (value) => {
    made.setStyle((feature) => ({ ...dress(feature), opacity: value, fillOpacity: value * (base.fillOpacity ?? 0.7) }));
    made.eachLayer((one) => one.setOpacity?.(value));
  };
  return made;
}

/** Hide names that would cover an earlier one. */
export function declutter(frame) {
  const taken = [];
  for (const one of frame.querySelectorAll(".pp-name span")) {
    one.style.visibility = "";
    const box = one.getBoundingClientRect();
    const covers = taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
    one.style.visibility = covers ? "hidden" : "";
    if (!covers) taken.push(box);
  }
}
