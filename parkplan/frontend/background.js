/** Tiles of a source that a person chose, below everything else. Without one no request is made. */

import { element } from "./dom.js";

const here = new URL(".", import.meta.url);
const BAD = 4; // pictures that fail before it is said that the source cannot be reached

export class Background {
  /** `trouble` is the box that says so. */
  constructor(map, trouble, words) {
    Object.assign(this, { map, trouble, words, given: "null" });
    trouble.style.display = "none";
    trouble.setAttribute("role", "status");
    trouble.textContent = words.unreachable;
    map.on("move zoom viewreset resize", this.follow, this);
    map.on("zoomanim", ({ center, zoom }) => {
      const corner = map.project(center, zoom).subtract(map.getSize().divideBy(2));
      this.inside()?.glide({ x: corner.x, y: corner.y, zoom });
    });
  }

  /** The document of the tiles, once it is there. */
  inside() {
    return this.ready ? this.frame.contentWindow : null;
  }

  /** Take another source, or none. */
  set(source) {
    const given = JSON.stringify(source ?? null);
    if (given === this.given) return;
    this.given = given;
    this.clear();
    if (!source) return;
    this.credit = element("span", "", source.attribution).innerHTML; // Leaflet sets it as HTML
    this.map.attributionControl.addAttribution(this.credit);
    let [good, bad] = [0, 0];
    const tell = (fine) => {
      if (fine) good++;
      else bad++;
      this.trouble.style.display = !good && bad >= BAD ? "" : "none";
    };
    const frame = element("iframe", "pp-tiles");
    frame.title = this.words.background;
    frame.tabIndex = -1;
    frame.src = new URL("tiles.html", here);
    frame.onload = () => {
      if (this.frame !== frame) return;
      frame.contentWindow.begin(source, tell);
      this.ready = true;
      this.follow();
    };
    this.frame = frame;
    this.map.getContainer().prepend(frame);
  }

  clear() {
    this.ready = false;
    this.frame?.remove();
    this.frame = null;
    this.trouble.style.display = "none";
    if (this.credit) this.map.attributionControl.removeAttribution(this.credit);
    this.credit = null;
  }

  follow() {
    const { map } = this;
    const { x: width, y: height } = map.getSize();
    if (!this.ready || !width || !height) return;
    const corner = map.getPixelOrigin().add(map.containerPointToLayerPoint([0, 0]));
    this.inside().show({ x: corner.x, y: corner.y, zoom: map.getZoom(), width, height });
  }
}
