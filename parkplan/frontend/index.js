/**
 * The map of Parkplan as a Streamlit component (v2): Leaflet and Geoman, served from our own origin.
 *
 * Data come in through `data` (see ui/maps.py); drawings and clicks go back as state and trigger values.
 * Texts from outside are only ever set by textContent.
 */

import { definePoints, pixel } from "./points.js";
import { ShapePanel } from "./shape.js";
import { WORDS } from "./words.js";

const here = new URL(".", import.meta.url);
/** What stands before the server's own paths: `server.baseUrlPath` is in it. */
const root = here.href.split("/_stcore/")[0];
const loading = {};

const script = (path) =>
  (loading[path] ??= new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = new URL(path, here);
    element.onload = done;
    element.onerror = () => failed(new Error(`cannot load ${path}`));
    document.head.append(element);
  }));
const style = (path) =>
  (loading[path] ??= new Promise((done) => {
    const element = document.createElement("link");
    element.rel = "stylesheet";
    element.href = new URL(path, here);
    element.onload = element.onerror = done;
    document.head.append(element);
  }));

async function libraries() {
  await Promise.all([style("vendor/leaflet/leaflet.css"), style("vendor/geoman/leaflet-geoman.css"), script("vendor/leaflet/leaflet.js")]);
  await script("vendor/geoman/leaflet-geoman.js");
  L.Icon.Default.imagePath = new URL("vendor/leaflet/images/", here).href;
  L.Control.Attribution.prototype.options.prefix = "Leaflet";
  definePoints(L);
}

const element = (tag, className, words) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
};
const DRAWN = { color: "#d9480f", weight: 3, fillOpacity: 0.1 };
const CHOSEN = { color: "#1971c2", weight: 5 };

class ParkMap {
  constructor(parent, data) {
    this.live = new Map();
    this.order = [];
    this.past = [];
    this.future = [];
    this.words = WORDS[data.lang] ?? WORDS.en;
    this.frame = parent.querySelector(".pp");
    const box = element("div", "pp-map");
    this.frame.append(box);
    this.map = L.map(box, { zoomSnap: 0.5, maxZoom: 22, minZoom: 2, worldCopyJump: false }).setView([35, 105], 4);
    this.map.createPane("grid").style.zIndex = 350;
    this.map.createPane("drawing").style.zIndex = 640;
    this.grid = L.layerGroup().addTo(this.map);
    this.furniture(data);
    this.tools(data);
    this.observer = new ResizeObserver(() => this.map.invalidateSize());
    this.observer.observe(box);
    box.tabIndex = 0;
    box.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
        event.preventDefault();
        if (event.shiftKey) this.step(this.future, this.past);
        else this.step(this.past, this.future);
      }
    });
    this.graticule();
    this.map.on("moveend", () => this.graticule());
    this.map.on("zoomend", () => this.declutter());
    this.map.on("dragstart", () => (this.moved = true));
    box.addEventListener("wheel", () => (this.moved = true), { passive: true });
  }

  control(position, className) {
    const made = L.control({ position });
    const box = element("div", className);
    made.onAdd = () => {
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      // Leaflet looks for the mark on the parents of what was clicked, which a button that is redrawn no longer has.
      box.addEventListener("click", (event) => event.stopPropagation());
      return box;
    };
    made.addTo(this.map);
    return box;
  }

  furniture(data) {
    const w = this.words;
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(this.map);
    this.control("topright", "pp-box pp-north").append("▲", element("br"), w.north);
    this.panel = this.control("topright", "pp-box pp-panel");
    this.card = this.control("bottomleft", "pp-box pp-card");
    this.card.style.display = "none";
    this.position = this.control("bottomright", "pp-box pp-position");
    const shape = this.control("bottomright", "pp-box pp-shape");
    this.shape = new ShapePanel(
      shape,
      w,
      (layer) => {
        if (layer.pm.enabled()) {
          layer.pm.disable();
          layer.pm.enable();
        }
        this.commit();
        this.shape.show(layer);
      },
      (latlng) => this.typed(latlng),
    );
    this.map.on("mousemove", (event) => (this.position.textContent = `${event.latlng.lng.toFixed(6)}, ${event.latlng.lat.toFixed(6)}`));
    const bar = this.control("topleft", "leaflet-bar pp-tools");
    const button = (name, sign, run) => {
      const link = element("a", "", sign);
      link.href = "#";
      link.title = w[name];
      link.setAttribute("role", "button");
      link.setAttribute("aria-label", w[name]);
      link.dataset.tool = name;
      link.onclick = (event) => {
        event.preventDefault();
        run();
      };
      bar.append(link);
      return link;
    };
    button("fit", "⤢", () => this.fit());
    button("full", "", () => (document.fullscreenElement ? document.exitFullscreen() : this.frame.requestFullscreen?.()));
    bar.querySelector("[data-tool=full]").append(this.corners());
    if (data.edit !== undefined && data.editable) {
      this.undoButton = button("undo", "↶", () => this.step(this.past, this.future));
      this.redoButton = button("redo", "↷", () => this.step(this.future, this.past));
    }
    this.map.on("click", (event) => this.click(event.latlng, null, null));
  }

  /** The sign for full screen: four corners. */
  corners() {
    const name = "http://www.w3.org/2000/svg";
    const sign = document.createElementNS(name, "svg");
    for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: 14, height: 14, style: "vertical-align:-2px" })) sign.setAttribute(key, value);
    const path = document.createElementNS(name, "path");
    for (const [key, value] of Object.entries({ d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", fill: "none", stroke: "currentColor", "stroke-width": 2 })) path.setAttribute(key, value);
    sign.append(path);
    return sign;
  }

  /** Drawing by Geoman: polygons and rectangles, vertices, dragging, cutting holes, removing. */
  tools(data) {
    this.edit = L.featureGroup().addTo(this.map);
    if (!data.editable) return;
    const { map } = this;
    map.pm.setLang(data.lang === "zh" ? "zh" : "en");
    map.pm.addControls({
      position: "topleft", drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawCircle: false, drawText: false,
      rotateMode: false, drawRectangle: true, drawPolygon: true, editMode: true, dragMode: true, cutPolygon: true, removalMode: true,
    });
    map.pm.setGlobalOptions({ layerGroup: this.edit, snappable: true, snapDistance: 12, allowSelfIntersection: false, pathOptions: DRAWN });
    map.on("pm:create", (event) => {
      event.layer.feature = { type: "Feature", properties: { id: `d${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}` } };
      this.watch(event.layer);
      this.shape.show(event.layer);
      this.commit();
    });
    map.on("pm:remove", () => {
      this.shape.hide();
      this.commit();
    });
    map.on("pm:cut", (event) => {
      event.layer.feature ??= event.originalLayer.feature;
      this.edit.removeLayer(event.originalLayer);
      this.edit.addLayer(event.layer);
      this.watch(event.layer);
      this.shape.show(event.layer);
      this.commit();
    });
    map.on("pm:drawstart", (event) => {
      this.working = event.workingLayer;
      const tell = () => this.working && this.shape.show(this.working, true);
      event.workingLayer.on("pm:vertexadded pm:vertexremoved", tell);
      tell();
    });
    map.on("pm:drawend", () => {
      if (this.working && this.shape.layer === this.working) this.shape.hide();
      this.working = null;
    });
  }

  /** A vertex typed while a polygon is being drawn. */
  typed(latlng) {
    const draw = this.map.pm.Draw.Polygon;
    if (!this.map.pm.globalDrawModeEnabled() || !draw?._hintMarker) return;
    draw._hintMarker._snapped = false;
    draw._hintMarker.setLatLng(latlng);
    draw._createVertex({ latlng });
  }

  watch(layer) {
    layer.on("click", (event) => {
      const { pm } = this.map;
      if (pm.globalDrawModeEnabled() || pm.globalCutModeEnabled()) return; // a vertex on top of the shape
      if (!pm.globalRemovalModeEnabled()) this.shape.show(layer);
      L.DomEvent.stop(event);
    });
    layer.on("pm:edit pm:update pm:dragend pm:markerdragend pm:vertexremoved", () => {
      if (!this.edit.hasLayer(layer)) return; // a shape that was cut speaks once more
      this.shape.show(layer);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.commit(), 250);
    });
    layer.on("pm:drag pm:markerdrag", () => this.shape.show(layer));
  }

  state() {
    const features = [];
    this.edit.eachLayer((layer) => {
      if (layer.toGeoJSON) features.push(layer.toGeoJSON(9));
    });
    return { type: "FeatureCollection", features };
  }

  load(collection) {
    this.edit.clearLayers();
    this.shape.hide();
    if (collection) {
      for (const layer of L.geoJSON(collection, { style: DRAWN, pane: "drawing" }).getLayers()) {
        this.edit.addLayer(layer);
        this.watch(layer);
        if (layer.feature?.properties?.locked) layer.pm.setOptions({ allowEditing: false, draggable: false, allowRemoval: false, allowCutting: false });
      }
    }
    this.now = JSON.stringify(this.state());
    this.mark();
  }

  commit() {
    const state = JSON.stringify(this.state());
    if (state === this.now) return;
    this.past.push(this.now);
    this.future.length = 0;
    this.now = state;
    this.mark();
    this.api.setStateValue("drawings", JSON.parse(state));
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.now);
    const state = from.pop();
    this.load(JSON.parse(state));
    this.now = state;
    this.mark();
    this.api.setStateValue("drawings", JSON.parse(state));
  }

  mark() {
    this.undoButton?.classList.toggle("pp-off", !this.past.length);
    this.redoButton?.classList.toggle("pp-off", !this.future.length);
  }

  /** Whether a tool is at work: clicks are its own then. */
  busy() {
    const { pm } = this.map;
    return pm.globalDrawModeEnabled() || pm.globalEditModeEnabled() || pm.globalRemovalModeEnabled() || pm.globalCutModeEnabled() || pm.globalDragModeEnabled();
  }

  click(latlng, layer, feature) {
    if (this.busy()) return;
    let hit = layer && feature ? { layer, id: feature.properties?.id ?? null } : null;
    let rows = feature?.properties?.card;
    let title = feature?.properties?.tip;
    for (const id of [...this.order].reverse()) {
      const entry = this.live.get(id);
      if (!entry?.layer.pick || !this.map.hasLayer(entry.layer)) continue;
      const index = entry.layer.pick(latlng);
      if (index < 0) continue;
      hit = { layer: id, index };
      title = entry.names?.[index];
      rows = [["", entry.data.legend?.[entry.layer.data.category[index]]?.[1] ?? ""]];
      break;
    }
    this.inspect(title, rows);
    if (hit) this.api.setTriggerValue("click", { lat: latlng.lat, lng: latlng.lng, ...hit });
  }

  inspect(title, rows) {
    this.card.style.display = title || rows?.length ? "" : "none";
    this.card.replaceChildren();
    const close = element("button", "", "×");
    close.setAttribute("aria-label", this.words.close);
    close.onclick = () => (this.card.style.display = "none");
    this.card.append(close);
    if (title) this.card.append(element("b", "", title));
    const table = element("table");
    for (const [name, value] of rows ?? []) {
      const line = element("tr");
      line.append(element("td", "", String(name ?? "")), element("td", "", String(value ?? "")));
      table.append(line);
    }
    this.card.append(table);
  }

  pane(id) {
    const name = `layer-${id}`;
    if (!this.map.getPane(name)) this.map.createPane(name).style.pointerEvents = "none";
    return name;
  }

  make(data, buffer) {
    const pane = this.pane(data.id);
    if (data.kind === "points") {
      const n = data.count;
      const made = new L.ParkPoints(
        { lon: new Int32Array(buffer, 0, n), lat: new Int32Array(buffer, 4 * n, n), category: new Uint8Array(buffer, 8 * n, n) },
        { palette: (data.palette ?? ["#d9480f"]).map(pixel), size: data.size ?? undefined, pane },
      );
      return made;
    }
    if (data.kind === "image") return L.imageOverlay(data.url.startsWith("data:") ? data.url : root + data.url, data.bounds, { opacity: data.opacity ?? 1, pane });
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
      pointToLayer: (feature, latlng) => feature.properties?._t ? this.name(latlng, feature.properties._t, pane) : L.circleMarker(latlng, { radius: feature.properties?._r ?? 5, pane, renderer, pmIgnore: true }),
      onEachFeature: (feature, layer) => {
        const tip = feature.properties?.tip;
        if (tip) layer.bindTooltip(element("span", "", tip), { sticky: true });
        layer.on("click", (event) => {
          if (this.busy()) return;
          L.DomEvent.stop(event);
          this.click(event.latlng, data.id, feature);
        });
      },
    });
    made.setOpacity = (value) => {
      made.setStyle((feature) => ({ ...dress(feature), opacity: value, fillOpacity: value * (base.fillOpacity ?? 0.7) }));
      made.eachLayer((one) => one.setOpacity?.(value));
    };
    return made;
  }

  /** A text that stands on the map; it lets clicks through. */
  name(latlng, words, pane) {
    const icon = L.divIcon({ className: "pp-name", html: element("span", "", words), iconSize: null });
    return L.marker(latlng, { pane, icon, interactive: false, keyboard: false, pmIgnore: true, snapIgnore: true });
  }

  /** Hide names that would cover an earlier one. */
  declutter() {
    const taken = [];
    for (const one of this.frame.querySelectorAll(".pp-name span")) {
      one.style.visibility = "";
      const box = one.getBoundingClientRect();
      const covers = taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      one.style.visibility = covers ? "hidden" : "";
      if (!covers) taken.push(box);
    }
  }

  async update(data) {
    this.frame.style.height = `${data.height}px`;
    const dark = getComputedStyle(this.frame).getPropertyValue("--st-background-color").trim();
    this.frame.classList.toggle("pp-dark", /^#[0-4]/.test(dark));
    this.map.invalidateSize();
    const wanted = new Set(data.layers.map((layer) => layer.id));
    for (const [id, entry] of this.live) {
      if (wanted.has(id)) continue;
      entry.layer.remove();
      this.live.delete(id);
    }
    for (const layer of data.layers) {
      const entry = this.live.get(layer.id);
      if (entry?.data.rev === layer.rev) {
        entry.data = layer;
        continue;
      }
      const buffer = layer.url && layer.kind === "points" ? await (await fetch(root + layer.url)).arrayBuffer() : null;
      const names = layer.names_url ? await (await fetch(root + layer.names_url)).json() : layer.names;
      const shown = entry ? this.map.hasLayer(entry.layer) : layer.visible !== false;
      entry?.layer.remove();
      const made = this.make(layer, buffer);
      this.live.set(layer.id, { layer: made, data: layer, names, opacity: entry?.opacity ?? 1 });
      if (shown) made.addTo(this.map);
    }
    this.order = [...this.order.filter((id) => wanted.has(id)), ...data.layers.map((layer) => layer.id).filter((id) => !this.order.includes(id))];
    this.stack();
    const given = JSON.stringify(data.edit ?? null);
    const untouched = given !== this.given && !this.past.length && !this.future.length;
    if (data.edit_rev !== this.rev || untouched) {
      if (data.edit_rev !== this.rev || !this.given || this.given === "null") this.placed = false;
      this.rev = data.edit_rev;
      this.given = given;
      this.load(data.edit);
      this.past.length = this.future.length = 0;
      this.mark();
    }
    this.choose(data.selected ?? []);
    const beside = this.panel.offsetWidth;
    this.list();
    if (this.placed && !this.moved && !data.view && this.panel.offsetWidth > beside) this.placed = false; // the panel grew over the map
    if (!this.placed && (data.layers.length || data.edit)) {
      this.placed = true;
      if (data.view) this.map.setView(data.view.center, data.view.zoom);
      else this.fit();
    }
    this.declutter();
    window.__parkmap = this;
    this.frame.dataset.ready = String(Number(this.frame.dataset.ready ?? 0) + 1);
  }

  /** Mark the features whose ids are chosen in a table. */
  choose(ids) {
    for (const { layer, data } of this.live.values()) {
      if (data.kind !== "geojson") continue;
      layer.eachLayer((one) => {
        if (!one.setStyle) return;
        layer.resetStyle?.(one);
        if (ids.includes(String(one.feature?.properties?.id))) one.setStyle(CHOSEN);
      });
    }
  }

  stack() {
    this.order.forEach((id, place) => {
      const pane = this.map.getPane(`layer-${id}`);
      if (pane) pane.style.zIndex = 400 + place;
    });
  }

  fit() {
    const bounds = L.latLngBounds([]);
    const drawn = this.edit.getLayers().length ? this.edit.getBounds() : null;
    if (drawn?.isValid()) bounds.extend(drawn);
    else
      for (const { layer, data } of this.live.values()) {
        if (!this.map.hasLayer(layer) || !layer.getBounds || data.fit === false) continue;
        const own = layer.getBounds();
        if (own.isValid()) bounds.extend(own);
      }
    if (!bounds.isValid()) return;
    this.moved = false;
    const beside = this.folded ? 0 : this.panel.offsetWidth; // nothing is hidden behind the panel
    const room = this.map.getSize().x - beside > 260 ? beside : 0;
    this.map.fitBounds(bounds, { maxZoom: 17, animate: false, paddingTopLeft: [56, 20], paddingBottomRight: [room + 20, 34] });
  }

  list() {
    const w = this.words;
    this.panel.replaceChildren();
    this.panel.style.display = this.live.size ? "" : "none";
    this.folded ??= this.map.getSize().x < 620;
    const head = element("button", "pp-fold", `${this.folded ? "▸" : "▾"} ${w.layers}`);
    head.setAttribute("aria-expanded", String(!this.folded));
    head.onclick = () => {
      this.folded = !this.folded;
      this.list();
    };
    this.panel.append(head);
    this.panel.classList.toggle("pp-folded", this.folded);
    if (this.folded) return;
    for (const id of [...this.order].reverse()) {
      const entry = this.live.get(id);
      if (!entry) continue;
      const { data, layer } = entry;
      const row = element("div", "pp-row");
      const label = element("label");
      const box = element("input");
      box.type = "checkbox";
      box.checked = this.map.hasLayer(layer);
      box.onchange = () => (box.checked ? layer.addTo(this.map) : layer.remove());
      label.append(box, data.name);
      label.title = data.name;
      const range = element("input");
      Object.assign(range, { type: "range", min: 0, max: 1, step: 0.1, value: entry.opacity });
      range.setAttribute("aria-label", `${data.name} ${w.opacity}`);
      range.oninput = () => {
        entry.opacity = Number(range.value);
        layer.setOpacity?.(entry.opacity);
      };
      row.append(label, range, this.mover(id, 1, "▴", w.up), this.mover(id, -1, "▾", w.down));
      this.panel.append(row);
      (data.legend ?? []).forEach(([colour, words], place) => {
        const line = element("div", "pp-legend");
        const swatch = element("i");
        swatch.style.background = colour;
        line.append(swatch, element("span", "", words));
        if (data.kind === "points") {
          line.setAttribute("role", "button");
          line.classList.toggle("pp-off", layer.hidden.has(place));
          line.onclick = () => {
            if (!layer.hidden.delete(place)) layer.hidden.add(place);
            line.classList.toggle("pp-off", layer.hidden.has(place));
            if (this.map.hasLayer(layer)) layer.draw();
          };
        }
        this.panel.append(line);
      });
      if (data.note) this.panel.append(element("div", "pp-note", data.note));
    }
  }

  mover(id, by, sign, title) {
    const button = element("button", "", sign);
    button.title = title;
    button.setAttribute("aria-label", title);
    button.onclick = () => {
      const place = this.order.indexOf(id);
      const other = place + by;
      if (other < 0 || other >= this.order.length) return;
      [this.order[place], this.order[other]] = [this.order[other], this.order[place]];
      this.stack();
      this.list();
    };
    return button;
  }

  /** Lines of longitude and latitude: something to find one's way by without tiles. */
  graticule() {
    this.grid.clearLayers();
    const bounds = this.map.getBounds();
    const span = Math.max(bounds.getEast() - bounds.getWest(), 1e-6);
    const step = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005].find((value) => span / value >= 4) ?? 0.0005;
    const digits = Math.max(0, Math.ceil(-Math.log10(step)));
    const line = (points) => L.polyline(points, { pane: "grid", color: "#8888", weight: 0.6, interactive: false, pmIgnore: true, snapIgnore: true }).addTo(this.grid);
    const label = (latlng, words) =>
      L.marker(latlng, { pane: "grid", interactive: false, keyboard: false, pmIgnore: true, snapIgnore: true, icon: L.divIcon({ className: "pp-degrees", html: element("span", "", words), iconSize: null }) }).addTo(this.grid);
    const [s, n] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
    for (let k = Math.ceil(bounds.getWest() / step); k * step <= bounds.getEast(); k++) {
      line([[s, k * step], [n, k * step]]);
      label([s + (n - s) * 0.004, k * step], `${(k * step).toFixed(digits)}°`);
    }
    for (let k = Math.ceil(s / step); k * step <= n; k++) {
      line([[k * step, bounds.getWest()], [k * step, bounds.getEast()]]);
      label([k * step, bounds.getWest() + span * 0.045], `${(k * step).toFixed(digits)}°`);
    }
  }

  remove() {
    this.observer.disconnect();
    clearTimeout(this.timer);
    this.map.remove();
  }
}

/** Called by Streamlit when the component is mounted and whenever its data change. */
export default async function render(component) {
  const { parentElement, data } = component;
  await libraries();
  let map = parentElement.__parkmap;
  if (map && map.lang !== data.lang) {
    map.remove();
    parentElement.querySelector(".pp").replaceChildren();
    map = null;
  }
  if (!map) {
    map = parentElement.__parkmap = new ParkMap(parentElement, data);
    map.lang = data.lang;
  }
  map.api = component;
  await map.update(data);
  return () => {
    map.remove();
    delete parentElement.__parkmap;
  };
}
