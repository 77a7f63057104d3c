// What the charts of the console need of ECharts, and nothing else: the whole of it is twice as large.
export { init } from "echarts/core";
import { use } from "echarts/core";
import { GraphChart } from "echarts/charts";
import { LegendComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([GraphChart, LegendComponent, TooltipComponent, SVGRenderer]);
