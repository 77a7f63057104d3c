// The ties of an object as a picture; the list beside it says the same. Names are drawn on a canvas, never read as HTML.
const place = document.getElementById("graph");
const told = document.getElementById("graph-data");
if (place && told && window.echarts) {
  const data = JSON.parse(told.textContent);
  const ink = getComputedStyle(document.body).color;
  const line = getComputedStyle(document.documentElement).getPropertyValue("--hilf-line").trim() || "#0b5566";
  const kinds = [...new Set(data.nodes.map((node) => node.kind))];
  const shapes = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  chart.setOption({
    animation: !still,
    // `label` of a datum is its style in ECharts, so names travel as `called`.
    tooltip: { renderMode: "richText", formatter: (item) => item.dataType === "edge" ? item.data.word : `${item.data.kind}\n${item.data.called}` },
    legend: [{ data: kinds.map((name) => ({ name, textStyle: { color: ink } })), textStyle: { color: ink } }],
    series: [{
      type: "graph", layout: "force", roam: true, draggable: true,
      force: { initLayout: "circular", layoutAnimation: false, repulsion: 260, edgeLength: 110 },
      categories: kinds.map((kind, n) => ({ name: kind, symbol: shapes[n % shapes.length] })),
      edgeSymbol: ["none", "arrow"], edgeSymbolSize: 8,
      label: { show: true, position: "bottom", color: ink, textBorderWidth: 0, formatter: (item) => item.data.called },
      edgeLabel: { show: true, color: ink, opacity: 1, textBorderWidth: 0, fontSize: 11, formatter: (item) => item.data.word },
      lineStyle: { color: line, width: 1.5 },
      data: data.nodes.map((node) => ({ id: node.id, name: node.id, called: node.name, kind: node.kind, url: node.url, category: node.kind, symbolSize: node.id === data.centre ? 34 : 20 })),
      links: data.links,
    }],
  });
  chart.on("click", (item) => { if (item.data && item.data.url && item.data.id !== data.centre) window.location.assign(item.data.url); });
  window.addEventListener("resize", () => chart.resize());
}
