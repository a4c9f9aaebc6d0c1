/** The component's own words. */
export const WORDS = {
  zh: {
    layers: "图层", north: "北", fit: "全图", full: "全屏", undo: "撤销", redo: "重做", up: "上移", down: "下移",
    opacity: "不透明度", shape: "图形", area: "面积", perimeter: "周长", vertices: "顶点（经度，纬度）", add: "添加顶点",
    close: "关闭", map: "地图", more: "不透明度与次序", zoomIn: "放大", zoomOut: "缩小", mu: "亩", hectares: "公顷", lon: "经度", lat: "纬度", line: "长度",
    background: "地图背景", unreachable: "无法取得地图背景",
  },
  en: {
    layers: "Layers", north: "N", fit: "Fit to layers", full: "Full screen", undo: "Undo", redo: "Redo", up: "Up", down: "Down",
    opacity: "opacity", shape: "Shape", area: "Area", perimeter: "Perimeter", vertices: "Vertices (longitude, latitude)", add: "Add vertex",
    close: "Close", map: "Map", more: "opacity and order", zoomIn: "Zoom in", zoomOut: "Zoom out", mu: "mu", hectares: "ha", lon: "longitude", lat: "latitude", line: "Length",
    background: "Map background", unreachable: "The map background cannot be reached",
  },
};
