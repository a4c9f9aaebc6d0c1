/**
 * The map of Parkplan as a Streamlit component (v2): Leaflet and Geoman, served from our own origin.
 *
 * Data come in through `data` (see ui/maps.py); drawings and clicks go back as state and trigger values.
 * Moving and zooming are never sent.
 */

import { Background } from "./background.js";
import { defineCanvas } from "./canvas.js";
import { button, control, element, sign } from "./dom.js";
import { Drawing, PANE } from "./drawing.js";
import { graticule } from "./grid.js";
import { declutter, makeLayer } from "./layers.js";
import { Panel } from "./panel.js";
import { ShapePanel } from "./shape.js";
import { WORDS } from "./words.js";

const here = new URL(".", import.meta.url);
/** What stands before the server's own paths: `server.baseUrlPath` is in it. */
const root = here.href.split("/_stcore/")[0];
const loading = {};
/** What a person had set on a map that was taken down: key of the map → view, steps, layers. */
const kept = new Map();
const CHOSEN = { color: "#1971c2", weight: 5 };
const RING = { radius: 9, color: "#1971c2", weight: 2.5, fill: false, interactive: false, pmIgnore: true, snapIgnore: true, pane: "ring" };
const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";
const ARROWS = "M3 8V3h5M3 3l10 10M13 8v5H8";

const script = (path) =>
  (loading[path] ??= new Promise((done, failed) => {
    const made = document.createElement("script");
    made.src = new URL(path, here);
    made.onload = done;
    made.onerror = () => failed(new Error(`cannot load ${path}`));
    document.head.append(made);
  }));
const style = (path) =>
  (loading[path] ??= new Promise((done) => {
    const made = document.createElement("link");
    made.rel = "stylesheet";
    made.href = new URL(path, here);
    made.onload = made.onerror = done;
    document.head.append(made);
  }));

/** Load Leaflet, and Geoman for a map on which something is drawn. */
async function libraries(editable) {
  await Promise.all([style("vendor/leaflet/leaflet.css"), script("vendor/leaflet/leaflet.js")]);
  if (editable) await Promise.all([style("vendor/geoman/leaflet-geoman.css"), script("vendor/geoman/leaflet-geoman.js")]);
  L.Icon.Default.imagePath = new URL("vendor/leaflet/images/", here).href;
  L.Control.Attribution.prototype.options.prefix = "Leaflet";
  defineCanvas(L);
}

class ParkMap {
  constructor(parent, data) {
    this.live = new Map();
    this.order = [];
    this.lang = data.lang;
    this.key = data.key;
    this.before = kept.get(this.key);
    this.turn = Promise.resolve();
    this.words = WORDS[data.lang] ?? WORDS.en;
    this.frame = parent.querySelector(".pp");
    const box = element("div", "pp-map");
    const band = element("div", "pp-shape");
    const strip = element("div", "pp-strip");
    this.frame.append(box, band, strip);
    const options = { zoomSnap: 0.25, maxZoom: 22, minZoom: 2, zoomControl: false, trackResize: false };
    this.map = L.map(box, options).setView([35, 105], 4);
    L.control.zoom({ zoomInTitle: this.words.zoomIn, zoomOutTitle: this.words.zoomOut }).addTo(this.map);
    this.map.createPane("grid").style.zIndex = 350;
    this.map.createPane("ring").style.zIndex = 580;
    this.map.createPane(PANE).style.zIndex = 590; // above every layer, below the vertices, which are markers
    this.grid = L.layerGroup().addTo(this.map);
    this.furniture(data, band, strip);
    this.observer = new ResizeObserver(() => this.sized());
    this.observer.observe(box);
    box.tabIndex = 0;
    box.setAttribute("aria-label", this.words.map);
    box.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) this.drawing.redo();
      else this.drawing.undo();
    });
    this.map.on("moveend", () => {
      this.moved ||= !this.ours;
      graticule(this.map, this.grid);
    });
    this.map.on("zoomend", () => declutter(this.frame));
  }

  /** Change the view in our own name: what a person sets is kept, what we set is not. */
  quietly(change) {
    this.ours = true;
    change();
    this.ours = false;
  }

  /** What lies at the upper left stays there when a band below grows; a map that had no size keeps its middle. */
  resized() {
    const { x, y } = this.map.getSize();
    this.quietly(() => this.map.invalidateSize({ animate: false, pan: !x || !y }));
  }

  sized() {
    if (!this.map.getContainer().offsetWidth) return; // taken off the page: its view is to be remembered
    this.resized();
    const { x, y } = this.map.getSize();
    this.frame.style.setProperty("--pp-height", `${y}px`);
    graticule(this.map, this.grid);
    // A map that was laid out before it had a size looks now; one in a column that grew or shrank is fitted again.
    if (this.data && (!this.placed || this.recalled)) this.look(this.data);
    else if (this.placed && !this.moved && !this.viewed && this.width !== x) this.fit();
    this.width = x;
  }

  furniture(data, band, strip) {
    const w = this.words;
    const { map } = this;
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    control(map, "topright", "pp-box pp-north").append("▲", element("br"), w.north);
    this.panel = new Panel(this, control(map, "topright", "pp-box pp-panel"), strip);
    this.card = control(map, "bottomleft", "pp-box pp-card");
    this.card.style.display = "none";
    this.card.setAttribute("role", "status");
    this.position = control(map, "bottomright", "pp-box pp-position");
    this.background = new Background(map, control(map, "bottomleft", "pp-box pp-trouble"), w);
    this.shape = new ShapePanel(
      band,
      w,
      (layer) => this.drawing.moved(layer),
      (latlng) => this.drawing.typed(latlng),
      () => this.resized(),
    );
    map.on("mousemove", (event) => (this.position.textContent = `${event.latlng.lng.toFixed(6)}, ${event.latlng.lat.toFixed(6)}`));
    map.on("mouseout", () => (this.position.textContent = ""));
    const bar = control(map, "topleft", "leaflet-bar pp-tools");
    const tool = (name, mark, run) => {
      const made = button("", "", w[name], run);
      made.append(mark);
      made.dataset.tool = name;
      bar.append(made);
      return made;
    };
    tool("fit", sign(ARROWS), () => this.fit());
    tool("full", sign(CORNERS), () => (document.fullscreenElement ? document.exitFullscreen() : this.frame.requestFullscreen?.()));
    let mark = () => {};
    if (data.editable) {
      const undo = tool("undo", "↶", () => this.drawing.undo());
      const redo = tool("redo", "↷", () => this.drawing.redo());
      mark = (back, forth) => {
        undo.disabled = !back;
        redo.disabled = !forth;
      };
    }
    this.drawing = new Drawing(map, this.shape, (collection) => this.api.setStateValue("drawings", collection), mark);
    this.edit = this.drawing.group;
    if (data.editable) this.drawing.start(data.lang === "zh" ? "zh" : "en");
    map.on("click", (event) => this.click(event.latlng, null, null));
  }

  /** Show what is at a place: of a point layer the nearest point, else the feature that was hit. */
  click(latlng, layer, feature) {
    if (this.drawing.busy()) return;
    this.shape.hide(); // a click beside the shape is done with it
    let hit = layer && feature ? { layer, id: feature.properties?.id ?? null } : null;
    let rows = feature?.properties?.card;
    let title = feature?.properties?.tip;
    let ring = null;
    for (const id of [...this.order].reverse()) {
      const entry = this.live.get(id);
      if (!entry?.layer.pick || !this.map.hasLayer(entry.layer)) continue;
      const index = entry.layer.pick(latlng);
      if (index < 0) continue;
      hit = { layer: id, index };
      title = entry.names?.[index];
      rows = [["", entry.data.legend?.[entry.layer.data.category[index]]?.[1] ?? ""]];
      ring = entry.layer.at(index);
      break;
    }
    this.inspect(title, rows, ring);
    if (hit) this.api.setTriggerValue("click", { lat: latlng.lat, lng: latlng.lng, ...hit });
  }

  inspect(title, rows, ring) {
    this.ring?.remove();
    this.ring = ring && L.circleMarker(ring, RING).addTo(this.map);
    this.card.style.display = title || rows?.length ? "" : "none";
    this.card.replaceChildren();
    this.card.append(button("pp-close", "×", this.words.close, () => this.inspect()));
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

  async update(data) {
    this.frame.style.height = `${data.height}px`;
    const colour = getComputedStyle(this.frame).getPropertyValue("--st-background-color").trim();
    this.frame.classList.toggle("pp-dark", /^#[0-4]/.test(colour));
    if (this.place === undefined) this.recall(data);
    else if (data.place !== this.place) this.placed = this.moved = false; // something else is looked at
    this.place = data.place;
    this.background.set(data.background);
    await this.layers(data.layers);
    if (this.gone) return;
    this.shapes(data);
    this.choose(data.selected ?? []);
    this.editWords = data.edit_words;
    this.panel.show();
    this.data = data;
    this.look(data);
    declutter(this.frame);
    window.__parkmap = this;
    this.frame.dataset.ready = String(Number(this.frame.dataset.ready ?? 0) + 1);
  }

  /** Take the shapes to be edited when they come from elsewhere than this map. */
  shapes(data) {
    const given = JSON.stringify(data.edit ?? null);
    const untouched = given !== this.given && !this.drawing.past.length && !this.drawing.future.length;
    if (data.edit_rev === this.rev && !untouched) return;
    if (this.given === "null") this.placed = false; // the shapes come later than the map
    const steps = data.edit && this.before?.rev === data.edit_rev ? this.before : null;
    if (steps) this.before.rev = null; // once
    this.rev = data.edit_rev;
    this.given = given;
    this.drawing.begin(data.edit, steps);
  }

  /** Put the layers of the message in place of those of the message before; equal ones stay. */
  async layers(wanted) {
    const ids = new Set(wanted.map((layer) => layer.id));
    for (const [id, entry] of this.live) {
      if (ids.has(id)) continue;
      entry.layer.remove();
      this.live.delete(id);
    }
    for (const data of wanted) {
      const entry = this.live.get(data.id);
      if (entry?.data.rev === data.rev) {
        entry.data = data;
        continue;
      }
      const buffer = data.url && data.kind !== "image" ? await (await fetch(root + data.url)).arrayBuffer() : null;
      const names = data.names_url ? await (await fetch(root + data.names_url)).json() : data.names;
      const old = this.before?.layers.get(data.id);
      const shown = entry ? this.map.hasLayer(entry.layer) : (old?.shown ?? data.visible !== false);
      entry?.layer.remove();
      const made = makeLayer(data, buffer, this.pane(data.id), root, (event, feature) => {
        if (this.drawing.busy()) return;
        L.DomEvent.stop(event);
        this.click(event.latlng, data.id, feature);
      });
      const opacity = entry?.opacity ?? old?.opacity ?? 1;
      this.live.set(data.id, { layer: made, data, names, opacity });
      if (shown) made.addTo(this.map);
      if (opacity !== 1) made.setOpacity?.(opacity);
    }
    this.reorder(wanted.map((layer) => layer.id));
  }

  /** Layers lie as Python says, unless a person has moved one: then theirs counts, and new ones are put on top. */
  reorder(wanted) {
    const own = this.arranged ? this.order : (this.before?.arranged && this.before.order) || null;
    this.arranged = own !== null;
    this.order = own ? [...own.filter((id) => wanted.includes(id)), ...wanted.filter((id) => !own.includes(id))] : wanted;
    this.stack();
  }

  /** Look where this map was left, where Python wants, or at everything; once, and never away from where a person looks. */
  look(data) {
    const { x, y } = this.map.getSize();
    if (!x || !y) return;
    if (this.recalled) {
      this.recalled = false; // only now, for the legend takes its part of the height first
      const { corner, zoom } = this.before;
      const middle = this.map.project(corner, zoom).add([x / 2, y / 2]);
      this.map.setView(this.map.unproject(middle, zoom), zoom, { animate: false });
      return;
    }
    const squeezed = !this.viewed && this.fitted !== `${x}×${y}`; // the legend has grown
    if (this.moved || (this.placed && !squeezed) || !(data.layers.length || data.edit)) return;
    this.placed = true;
    this.viewed = Boolean(data.view);
    if (this.viewed) this.quietly(() => this.map.setView(data.view.center, data.view.zoom, { animate: false }));
    else this.fit();
  }

  /** Look where an earlier map of the same key was left, if it showed the same place. */
  recall(data) {
    if (!this.before) return;
    this.panel.folded = this.before.folded;
    this.recalled = this.before.place === data.place && this.before.moved;
    this.moved = this.placed = this.recalled;
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
        if (!this.map.hasLayer(layer) || data.fit === false) continue;
        const own = data.fit ? L.latLngBounds(data.fit) : layer.getBounds?.();
        if (own?.isValid()) bounds.extend(own);
      }
    if (!bounds.isValid()) return;
    const beside = this.panel.folded ? 0 : this.panel.box.offsetWidth; // nothing is hidden behind the panel
    const room = this.map.getSize().x - beside > 260 ? beside : 0;
    const view = { maxZoom: 17, animate: false, paddingTopLeft: [52, 24], paddingBottomRight: [room + 24, 30] };
    this.quietly(() => this.map.fitBounds(bounds, view));
    this.moved = false;
    const { x, y } = this.map.getSize();
    this.fitted = `${x}×${y}`;
  }

  remove() {
    const layers = new Map([...this.live].map(([id, entry]) => [id, { shown: this.map.hasLayer(entry.layer), opacity: entry.opacity }]));
    const { past, future } = this.drawing;
    const { place, moved, order, arranged, rev } = this;
    kept.set(this.key, { place, moved, order, arranged, rev, past, future, layers, folded: this.panel.folded, corner: this.map.containerPointToLatLng([0, 0]), zoom: this.map.getZoom() });
    this.gone = true;
    this.observer.disconnect();
    this.drawing.stop();
    this.map.remove();
  }
}

/** Called by Streamlit when the component is mounted and whenever its data change. */
export default async function render(component) {
  const { parentElement, data } = component;
  await libraries(data.editable);
  let map = parentElement.__parkmap;
  if (map && map.lang !== data.lang) {
    map.remove();
    parentElement.querySelector(".pp").replaceChildren();
    map = null;
  }
  map ??= parentElement.__parkmap = new ParkMap(parentElement, data);
  map.api = component;
  const shown = map;
  const update = shown.turn.then(() => (shown.gone ? undefined : shown.update(data)));
  shown.turn = update.catch(() => undefined); // one after the other, also after one that failed
  await update;
  return () => {
    if (!shown.gone) shown.remove();
    delete parentElement.__parkmap;
  };
}
