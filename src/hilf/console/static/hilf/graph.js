// The ties of an object as a picture; the list beside it says the same. Names are drawn as text of the picture, never read as HTML.
const place = document.getElementById("graph");
const told = document.getElementById("graph-data");
if (place && told && window.echarts) {
  const data = JSON.parse(told.textContent);
  const ink = getComputedStyle(document.body).color;
  const line = getComputedStyle(document.documentElement).getPropertyValue("--hilf-line").trim() || "#0b5566";
  const kinds = [...new Set(data.nodes.map((node) => node.kind))];
  const shapes = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];
  // This object in the middle, the others around it, in two rings where they are many: the same picture every time.
  const others = data.nodes.filter((node) => node.id !== data.centre);
  const at = new Map([[data.centre, [0, 0]]]);
  others.forEach((node, n) => {
    const turn = (2 * Math.PI * n) / others.length - Math.PI / 3;
    const far = others.length > 12 && n % 2 ? 170 : 100;
    at.set(node.id, [1.8 * far * Math.cos(turn), far * Math.sin(turn)]);
  });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  chart.setOption({
    animation: !still,
    // `label` of a datum is its style in ECharts, so names travel as `called`.
    tooltip: { renderMode: "richText", formatter: (item) => item.dataType === "edge" ? item.data.word : `${item.data.kind}\n${item.data.called}` },
    legend: [{ data: kinds.map((name) => ({ name, textStyle: { color: ink } })), textStyle: { color: ink } }],
    series: [{
      type: "graph", layout: "none", top: 30, bottom: 80, roam: true, draggable: true,
      categories: kinds.map((kind, n) => ({ name: kind, symbol: shapes[n % shapes.length] })),
      edgeSymbol: ["none", "arrow"], edgeSymbolSize: 8,
      label: { show: true, position: "bottom", color: ink, textBorderWidth: 0, formatter: (item) => item.data.called },
      edgeLabel: { show: true, color: ink, opacity: 1, textBorderWidth: 0, fontSize: 11, formatter: (item) => item.data.word },
      lineStyle: { color: line, width: 1.5 },
      data: data.nodes.map((node) => ({ x: at.get(node.id)[0], y: at.get(node.id)[1], id: node.id, name: node.id, called: node.name, kind: node.kind, url: node.url, category: node.kind, symbolSize: node.id === data.centre ? 34 : 20 })),
      links: data.links.filter((link) => link.source !== link.target),
    }],
  });
  chart.on("click", (item) => { if (item.data && item.data.url && item.data.id !== data.centre) window.location.assign(item.data.url); });
  window.addEventListener("resize", () => chart.resize());
}
