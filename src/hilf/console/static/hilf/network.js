// Partners as a network: no map, so no borders are drawn. The table of streams says the same in words.
const place = document.getElementById("network-chart");
const told = JSON.parse(document.getElementById("network-data").textContent);
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = { us: "#0b5566", good: "#3c8a54", slow: "#b98212", bad: "#c9444b", waits: "#5a6472", stopped: "#5a6472" };
const shapes = { us: "roundRect", good: "circle", slow: "diamond", bad: "triangle", waits: "emptyCircle", stopped: "rect" };
const chart = echarts.init(place, null, { renderer: "svg" });

const draw = () => chart.setOption({
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  aria: { enabled: false },
  series: [{
    type: "graph", layout: "force", roam: false, symbolSize: 22, edgeSymbol: ["none", "none"],
    force: { repulsion: 320, edgeLength: 110 },
    label: { show: told.nodes.length <= 60, position: "bottom", color: style("--tblr-body-color") || "#111" },
    data: told.nodes.map((each) => ({
      id: each.id, name: each.name, symbol: shapes[each.health], symbolSize: each.health === "us" ? 32 : 22,
      itemStyle: { color: colours[each.health] },
    })),
    links: told.lines.map((each) => ({
      source: each.source, target: each.target,
      lineStyle: { type: each.accord ? "solid" : "dashed", width: each.accord ? 2 : 1, color: style("--tblr-secondary-color") || "#555" },
    })),
  }],
});

draw();
addEventListener("resize", () => chart.resize());
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
