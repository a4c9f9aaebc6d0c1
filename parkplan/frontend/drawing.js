/** Drawing by Geoman: polygons and rectangles, vertices, dragging, cutting holes, removing, undo and redo. */

export const PANE = "drawing";
export const DRAWN = { color: "#d9480f", weight: 3, fillOpacity: 0.07 };
const SETTLE_MS = 250;

export class Drawing {
  /** `shape` is the panel beside a shape; `send(collection)` tells Python what is drawn; `mark(undo, redo)` which steps there are. */
  constructor(map, shape, send, mark) {
    Object.assign(this, { map, shape, send, mark, past: [], future: [] });
    this.group = L.featureGroup().addTo(map);
  }

  /** Show the tools. */
  start(lang) {
    const { map } = this;
    map.pm.setLang(lang);
    map.pm.addControls({
      position: "topleft", drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawCircle: false, drawText: false,
      rotateMode: false, drawRectangle: true, drawPolygon: true, editMode: true, dragMode: true, cutPolygon: true, removalMode: true,
    });
    for (const tool of map.getContainer().querySelectorAll(".button-container[title]")) {
      tool.querySelector("a.leaflet-buttons-control-button")?.setAttribute("aria-label", tool.title);
    }
    map.pm.setGlobalOptions({
      layerGroup: this.group, snappable: true, snapDistance: 12, allowSelfIntersection: false, pathOptions: DRAWN,
      templineStyle: { color: DRAWN.color, weight: 2.5 }, hintlineStyle: { color: DRAWN.color, weight: 2, dashArray: "5 5" },
      panes: { layerPane: PANE, vertexPane: "markerPane", markerPane: "markerPane" },
    });
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
      this.group.removeLayer(event.originalLayer);
      this.group.addLayer(event.layer);
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
    map.on("pm:globaleditmodetoggled", (event) => {
      const [first] = this.group.getLayers();
      if (event.enabled && first && !this.shape.layer) this.shape.show(first);
    });
    map.on("pm:globaldrawmodetoggled pm:globaleditmodetoggled pm:globaldragmodetoggled pm:globalremovalmodetoggled pm:globalcutmodetoggled", () =>
      map.getContainer().classList.toggle("pp-busy", this.busy()),
    );
  }

  /** Whether a tool is at work: clicks are its own then. */
  busy() {
    const { pm } = this.map; // only there once Geoman was needed
    return Boolean(pm) && (pm.globalDrawModeEnabled() || pm.globalEditModeEnabled() || pm.globalRemovalModeEnabled() || pm.globalCutModeEnabled() || pm.globalDragModeEnabled());
  }

  /** A vertex typed while a polygon is being drawn. */
  typed(latlng) {
    const draw = this.map.pm.Draw.Polygon;
    if (!this.map.pm.globalDrawModeEnabled() || !draw?._hintMarker) return;
    draw._hintMarker._snapped = false;
    draw._hintMarker.setLatLng(latlng);
    draw._createVertex({ latlng });
  }

  /** A vertex of a finished shape was typed. */
  moved(layer) {
    if (layer.pm.enabled()) {
      layer.pm.disable();
      layer.pm.enable();
    }
    this.commit();
    this.shape.show(layer);
  }

  watch(layer) {
    layer.on("click", (event) => {
      const { pm } = this.map;
      if (pm.globalDrawModeEnabled() || pm.globalCutModeEnabled()) return; // a vertex on top of the shape
      if (!pm.globalRemovalModeEnabled()) this.shape.show(layer);
      L.DomEvent.stop(event);
    });
    layer.on("pm:edit pm:update pm:dragend pm:markerdragend pm:vertexremoved", () => {
      if (!this.group.hasLayer(layer)) return; // a shape that was cut speaks once more
      this.shape.show(layer);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.settle(), SETTLE_MS);
    });
    layer.on("pm:drag pm:markerdrag", () => this.shape.show(layer));
  }

  state() {
    const features = [];
    this.group.eachLayer((layer) => {
      if (layer.toGeoJSON) features.push(layer.toGeoJSON(9));
    });
    return { type: "FeatureCollection", features };
  }

  load(collection) {
    this.group.clearLayers();
    this.shape.hide();
    if (collection) {
      for (const layer of L.geoJSON(collection, { style: DRAWN, pane: PANE }).getLayers()) {
        this.group.addLayer(layer);
        this.watch(layer);
        if (layer.feature?.properties?.locked) layer.pm.setOptions({ allowEditing: false, draggable: false, allowRemoval: false, allowCutting: false });
      }
    }
    this.now = JSON.stringify(this.state());
    this.tell();
  }

  /** Begin anew with other shapes; `steps` are those of a map of before that showed the same. */
  begin(collection, steps) {
    this.load(collection);
    this.past = steps?.past ?? [];
    this.future = steps?.future ?? [];
    this.tell();
  }

  /** Take a change that was about to be taken. */
  settle() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.commit();
  }

  commit() {
    const state = JSON.stringify(this.state());
    if (state === this.now) return;
    this.past.push(this.now);
    this.future.length = 0;
    this.now = state;
    this.tell();
    this.send(JSON.parse(state));
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    this.settle();
    if (!from.length) return;
    to.push(this.now);
    const state = from.pop();
    this.load(JSON.parse(state));
    this.now = state;
    this.tell();
    this.send(JSON.parse(state));
  }

  tell() {
    this.mark(this.past.length > 0, this.future.length > 0);
  }

  stop() {
    clearTimeout(this.timer);
  }
}
