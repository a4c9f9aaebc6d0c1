/** GCJ-02, the shifted coordinates of some Chinese web maps: the same formulas as geo/datums.py. */

const A = 6378245.0; // semi-major axis of the Krasovsky 1940 ellipsoid, m
const EE = 0.006693421622965943;
const [WEST, SOUTH, EAST, NORTH] = [72.004, 0.8293, 137.8347, 55.8271];
const { PI, abs, cos, sin, sqrt } = Math;
/** Most pixels in which one step of the shift is taken, at zoom 12: there 8 km across, and the shift bends by metres within it. */
const STEP_AT_12 = 16;

/** Longitude and latitude in WGS 84 → in GCJ-02, degrees. */
export function wgs84ToGcj02(lon, lat) {
  if (lon < WEST || lon > EAST || lat < SOUTH || lat > NORTH) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const root = sqrt(abs(x));
  const wave = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  let north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root +
    ((wave + 20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
    ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root +
    ((wave + 20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
    ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const magic = 1 - EE * sin(phi) ** 2;
  north = (north * 180) / (((A * (1 - EE)) / (magic * sqrt(magic))) * PI);
  east = (east * 180) / ((A / sqrt(magic)) * cos(phi) * PI);
  return [lon + east, lat + north];
}

/** Longitude and latitude of a pixel of the whole world's picture at a zoom, and back. */
export function degreesAt(x, y, zoom) {
  const size = 256 * 2 ** zoom;
  return [(x / size) * 360 - 180, (Math.atan(Math.sinh(PI * (1 - (2 * y) / size))) * 180) / PI];
}
export function pixelAt(lon, lat, zoom) {
  const size = 256 * 2 ** zoom;
  const s = sin((lat * PI) / 180);
  return [(lon / 360 + 0.5) * size, (0.5 - Math.log((1 + s) / (1 - s)) / (4 * PI)) * size];
}

/**
 * How a true tile is put together out of shifted ones: squares of `step` pixels, each with where it lies
 * in the tile (`x`, `y`) and where its picture begins in the shifted world (`fromX`, `fromY`).
 *
 * The squares shrink as the zoom does, so that none is wider than about half a kilometre from zoom 12 on.
 */
export function pieces(tileX, tileY, zoom) {
  const step = Math.min(256, Math.max(STEP_AT_12, STEP_AT_12 * 2 ** (zoom - 12)));
  const found = [];
  for (let y = 0; y < 256; y += step) {
    for (let x = 0; x < 256; x += step) {
      const [worldX, worldY] = [tileX * 256 + x, tileY * 256 + y];
      const [midX, midY] = [worldX + step / 2, worldY + step / 2];
      const [thereX, thereY] = pixelAt(...wgs84ToGcj02(...degreesAt(midX, midY, zoom)), zoom);
      found.push({ x, y, step, fromX: worldX + thereX - midX, fromY: worldY + thereY - midY });
    }
  }
  return found;
}
