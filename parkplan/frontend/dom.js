/** Elements of the page. Texts from outside are only ever set by textContent. */

export const element = (tag, className, words) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
};

/** A button with a sign on it; `title` says what it does, to the eye and to a screen reader. */
export const button = (className, sign, title, run) => {
  const made = element("button", className, sign);
  made.type = "button";
  if (title) {
    made.title = title;
    made.setAttribute("aria-label", title);
  }
  made.onclick = run;
  return made;
};

/** A box of ours in a corner of the map; what is done in it does not reach the map. */
export function control(map, position, className) {
  const made = L.control({ position });
  const box = element("div", className);
  made.onAdd = () => {
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    // Leaflet looks for the mark on the parents of what was clicked, which a button that is redrawn no longer has.
    box.addEventListener("click", (event) => event.stopPropagation());
    return box;
  };
  made.addTo(map);
  return box;
}

/** A drawing of a few strokes in a 16 × 16 square, for a tool's sign. */
export function sign(path) {
  const name = "http://www.w3.org/2000/svg";
  const make = (tag, values) => {
    const made = document.createElementNS(name, tag);
    for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
    return made;
  };
  const made = make("svg", { viewBox: "0 0 16 16", width: 14, height: 14, style: "vertical-align:-2px", "aria-hidden": "true" });
  made.append(make("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2 }));
  return made;
}
