/**
 * The map's background in a document of its own: it may load pictures of the chosen source and nothing else.
 *
 * The page around it allows no picture from elsewhere at all; this document's rule is set once, to the source
 * that a person chose, before the first picture is asked for. Another choice is another document.
 */

import { pieces } from "./gcj.js";

const TILE = 256;
const KEPT = 400;
const OLDER = 5; // zooms up to which a coarser tile stands in for one that is not there yet
const ANIMATION = "transform 0.25s cubic-bezier(0,0,0.25,1)"; // Leaflet's own

const canvas = document.querySelector("canvas");
/** What was loaded or put together: key → {picture, ready, failed}; the oldest goes first. */
const cache = new Map();
let source = null;
let view = null;
let due = 0;

/** Address of a tile. */
function address(template, zoom, x, y) {
  const { subdomains } = source;
  const values = { z: zoom, x, y, "-y": 2 ** zoom - 1 - y, s: subdomains ? subdomains[(x + y) % subdomains.length] : "" };
  return template.replace(/\{(z|x|y|-y|s)\}/g, (_, name) => values[name]);
}

function origins(urls, subdomains) {
  const filled = urls.flatMap((url) => [...(subdomains || " ")].map((one) => url.replaceAll("{s}", one.trim())));
  return [...new Set(filled.map((url) => new URL(url.replace(/\{[^}]*\}/g, "0")).origin))];
}

function keep(key, made) {
  cache.set(key, made);
  for (const old of cache.keys()) {
    if (cache.size <= KEPT) break;
    cache.delete(old);
  }
  return made;
}

function loaded(layer, zoom, x, y) {
  const key = `${layer}/${zoom}/${x}/${y}`;
  const known = cache.get(key);
  if (known) {
    cache.delete(key); // used again: it is the youngest now
    return keep(key, known);
  }
  const picture = new Image();
  const made = { picture, ready: false, failed: false };
  picture.onload = () => {
    made.ready = true;
    source.tell(true);
    soon();
  };
  picture.onerror = () => {
    made.failed = true;
    source.tell(false);
    soon();
  };
  picture.src = address(source.urls[layer], zoom, x, y);
  return keep(key, made);
}

/** A true tile out of the shifted ones that it lies on; null until these are there. */
function unshifted(layer, zoom, x, y) {
  const key = `true/${layer}/${zoom}/${x}/${y}`;
  const known = cache.get(key);
  if (known) return known;
  const parts = pieces(x, y, zoom);
  const low = (name) => Math.floor(Math.min(...parts.map((one) => one[name])) / TILE);
  const high = (name) => Math.floor((Math.max(...parts.map((one) => one[name] + one.step)) - 1e-6) / TILE);
  const [left, right, top, bottom] = [low("fromX"), high("fromX"), low("fromY"), high("fromY")];
  const whole = document.createElement("canvas");
  whole.width = (right - left + 1) * TILE;
  whole.height = (bottom - top + 1) * TILE;
  const context = whole.getContext("2d");
  let waiting = false;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const one = loaded(layer, zoom, column, row);
      if (one.ready) context.drawImage(one.picture, (column - left) * TILE, (row - top) * TILE, TILE, TILE);
      waiting ||= !one.ready && !one.failed;
    }
  }
  if (waiting) return null;
  const picture = document.createElement("canvas");
  picture.width = picture.height = TILE;
  const pen = picture.getContext("2d");
  for (const { x: toX, y: toY, step, fromX, fromY } of parts) {
    pen.drawImage(whole, fromX - left * TILE, fromY - top * TILE, step, step, toX, toY, step, step);
  }
  return keep(key, { picture, ready: true, failed: false });
}

function tile(layer, zoom, x, y) {
  const count = 2 ** zoom;
  if (y < 0 || y >= count) return null;
  const around = ((x % count) + count) % count;
  return source.shifted ? unshifted(layer, zoom, around, y) : loaded(layer, zoom, around, y);
}

/** A coarser tile that is there already. */
function older(layer, zoom, x, y) {
  for (let up = 1; up <= OLDER && zoom - up >= 0; up++) {
    const key = `${source.shifted ? "true/" : ""}${layer}/${zoom - up}/${x >> up}/${y >> up}`;
    const known = cache.get(key);
    if (known?.ready) return { picture: known.picture, size: TILE / 2 ** up, x: (x % 2 ** up) * (TILE / 2 ** up), y: (y % 2 ** up) * (TILE / 2 ** up) };
  }
  return null;
}

function soon() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    paint();
  });
}

function paint() {
  const { x, y, zoom, width, height } = view;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px`, transition: "none", transform: "none" });
  const context = canvas.getContext("2d");
  const level = Math.min(source.maxZoom, Math.max(source.minZoom, Math.round(zoom)));
  const size = TILE * 2 ** (zoom - level) * ratio;
  const edge = (place, start) => Math.round(place * size - start * ratio);
  let waiting = 0;
  for (let layer = 0; layer < source.urls.length; layer++) {
    for (let row = Math.floor((y * ratio) / size); row * size < (y + height) * ratio; row++) {
      for (let column = Math.floor((x * ratio) / size); column * size < (x + width) * ratio; column++) {
        const [left, top] = [edge(column, x), edge(row, y)];
        const box = [left, top, edge(column + 1, x) - left, edge(row + 1, y) - top];
        const one = tile(layer, level, column, row);
        if (one?.ready) context.drawImage(one.picture, ...box);
        else {
          waiting += one?.failed ? 0 : 1;
          const stand = older(layer, level, column, row);
          if (stand) context.drawImage(stand.picture, stand.x, stand.y, stand.size, stand.size, ...box);
        }
      }
    }
  }
  document.documentElement.dataset.waiting = String(waiting);
}

/** Begin with a source: urls, subdomains, shifted, minZoom, maxZoom; `tell(good)` is called for each picture. */
window.begin = (given, tell) => {
  if (source) throw new Error("one document shows one source");
  const rule = document.createElement("meta");
  rule.httpEquiv = "Content-Security-Policy";
  rule.content = `img-src ${origins(given.urls, given.subdomains).join(" ")}`;
  document.head.append(rule);
  source = { ...given, tell };
};

/** Show what lies from a pixel of the world at a zoom on. */
window.show = (next) => {
  view = next;
  paint();
};

/** Go there as Leaflet's own panes do; `show` follows when they have arrived. */
window.glide = (next) => {
  if (!view) return;
  const scale = 2 ** (next.zoom - view.zoom);
  canvas.style.transition = ANIMATION;
  canvas.style.transform = `translate(${view.x * scale - next.x}px, ${view.y * scale - next.y}px) scale(${scale})`;
};
