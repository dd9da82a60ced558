// Draws each picture from the table beside it, so that the two cannot say different things.
// Without this script the tables stand alone. Canvas only: the page's policy allows no inline
// style in generated markup, which ECharts' HTML tooltips and SVG would need.
"use strict";

(function () {
  const NUMBER = new Intl.NumberFormat("zh-CN");
  // Paper is white whatever the screen is, and a sheet has room for two pictures or three trends.
  const PAPER = {
    text: "#000", quiet: "#444", line: "#bbb", page: "#fff",
    one: "#1f6fc0", two: "#c26a00", three: "#2b7d4f", short: "#b3261e",
  };
  const PAPER_WIDTH = { funnel: 270, distribution: 270, courses: 420, daily: 325, sums: 325, hours: 325 };
  const drawn = [];

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      text: read("--text"), quiet: read("--quiet"), line: read("--line"), page: read("--panel"),
      one: read("--one"), two: read("--two"), three: read("--three"), short: read("--short"),
    };
  }

  // One object a row of the table, by the keys of its columns; numbers where they are numbers.
  function rowsOf(table) {
    const keys = Array.from(table.tHead.rows[0].cells, (cell) => cell.dataset.key);
    return Array.from(table.tBodies[0].rows, (row) => {
      const values = {};
      Array.from(row.cells).forEach((cell, at) => {
        const text = cell.dataset.value;
        values[keys[at]] = text === "" || isNaN(text) ? text || null : Number(text);
      });
      return values;
    });
  }

  function heading(table, key) {
    const cell = table.tHead.querySelector('[data-key="' + key + '"]');
    return cell ? cell.textContent.trim() : key;
  }

  function base(colour, trigger) {
    return {
      animation: false,
      textStyle: { fontFamily: "inherit", color: colour.text },
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      tooltip: {
        trigger: trigger, renderMode: "richText", confine: true,
        backgroundColor: colour.page, borderColor: colour.line,
        textStyle: { color: colour.text, fontSize: 13 },
      },
    };
  }

  function category(colour, names, more) {
    return Object.assign({
      type: "category", data: names, axisTick: { show: false },
      axisLine: { lineStyle: { color: colour.line } },
      axisLabel: { color: colour.text, fontSize: 12 },
    }, more);
  }

  function amounts(colour, more) {
    return Object.assign({
      type: "value", splitLine: { lineStyle: { color: colour.line } },
      axisLabel: { color: colour.quiet, fontSize: 11, formatter: short, hideOverlap: true },
    }, more);
  }

  function short(value) {
    if (Math.abs(value) >= 1e8) return NUMBER.format(value / 1e8) + "亿";
    return Math.abs(value) >= 1e4 ? NUMBER.format(value / 1e4) + "万" : NUMBER.format(value);
  }

  // The values stand in a column of their own, where no bar and no line crosses them.
  function values(texts, more) {
    return {
      type: "category", data: texts, position: "right", inverse: true,
      axisLine: { show: false }, axisTick: { show: false },
      axisLabel: Object.assign({ fontSize: 12, margin: 10, interval: 0 }, more),
    };
  }

  function funnel(rows, colour) {
    const texts = rows.map((row) => NUMBER.format(row.count) + rate(row.rate));
    return Object.assign(base(colour, "item"), {
      grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
      xAxis: amounts(colour, { show: false, max: rows[0].count || 1 }),
      yAxis: [
        category(colour, rows.map((row) => row.stage), { inverse: true, axisLine: { show: false } }),
        values(texts, { color: colour.text }),
      ],
      series: [{
        type: "bar", barWidth: "68%", itemStyle: { color: colour.one, borderRadius: 3 },
        showBackground: true, backgroundStyle: { color: colour.line, opacity: 0.35, borderRadius: 3 },
        data: rows.map((row) => row.count),
      }],
    });
  }

  function rate(value) {
    return value === null ? "" : "（" + value.toFixed(1) + "%）";
  }

  // Each course's credited hours as a share of what is required of all; the line is the cap.
  function courses(rows, colour) {
    const shown = rows.filter((row) => row.attained !== null);
    const texts = shown.map((row) => (row.attained < 100 ? "✘ " : "✔ ") + row.attained.toFixed(1) + "%");
    const dye = (at) => (shown[at].attained < 100 ? colour.short : colour.one);
    return Object.assign(base(colour, "item"), {
      grid: { left: 8, right: 8, top: 22, bottom: 8, containLabel: true },
      xAxis: amounts(colour, { max: 100, interval: 50, axisLabel: { color: colour.quiet, fontSize: 11, formatter: "{value}%" } }),
      yAxis: [
        category(colour, shown.map((row) => row.course), {
          inverse: true, axisLine: { show: false },
          axisLabel: { color: colour.text, fontSize: 12, width: 110, overflow: "truncate" },
        }),
        values(texts, { color: (_, at) => dye(at) }),
      ],
      series: [{
        type: "bar", barWidth: "60%",
        data: shown.map((row, at) => ({
          value: row.attained, itemStyle: { color: dye(at), borderRadius: 3 },
        })),
        markLine: {
          silent: true, symbol: "none", data: [{ xAxis: 100 }],
          lineStyle: { color: colour.text, type: "dashed" },
          label: { formatter: "上限", color: colour.text, position: "start", distance: 4 },
        },
      }],
    });
  }

  function distribution(rows, colour) {
    return Object.assign(base(colour, "axis"), {
      grid: { left: 8, right: 8, top: 24, bottom: 30, containLabel: true },
      xAxis: category(colour, rows.map((row) => String(row.bin)), {
        name: "学时", nameLocation: "middle", nameGap: 40, nameTextStyle: { color: colour.quiet },
        axisLabel: {
          color: colour.text, fontSize: 11, interval: 0, hideOverlap: true,
          formatter: (bin) => bin.replace(/（(.*)）/, "\n$1"),
        },
      }),
      yAxis: amounts(colour, { minInterval: 1 }),
      series: [{
        type: "bar", name: "教师人数", barWidth: "72%",
        itemStyle: { color: colour.one, borderRadius: [3, 3, 0, 0] },
        data: rows.map((row) => row.count),
      }],
    });
  }

  // Lines differ by dash and symbol too, not by colour alone.
  const LOOKS = [["one", "solid", "circle"], ["two", "dashed", "rect"], ["three", "dotted", "triangle"]];

  function lines(keys) {
    return (rows, colour, table) => Object.assign(trend(rows, colour), {
      yAxis: amounts(colour, { minInterval: 1 }),
      series: keys.map((key, at) => line(rows, key, heading(table, key), colour, LOOKS[at])),
    });
  }

  function trend(rows, colour) {
    return Object.assign(base(colour, "axis"), {
      legend: { top: 0, textStyle: { color: colour.text }, itemWidth: 34 },
      xAxis: category(colour, rows.map((row) => row.day), {
        axisLabel: { color: colour.quiet, fontSize: 11, hideOverlap: true, formatter: (day) => day.slice(5) },
      }),
    });
  }

  function line(rows, key, name, colour, look) {
    return {
      type: "line", name: name, data: rows.map((row) => row[key]), symbol: look[2], symbolSize: 6,
      showAllSymbol: rows.length < 32, itemStyle: { color: colour[look[0]] },
      lineStyle: { color: colour[look[0]], type: look[1], width: 2 },
    };
  }

  function hours(rows, colour, table) {
    const name = (key) => heading(table, key).replace("已认定学时", "");
    return Object.assign(trend(rows, colour), {
      yAxis: [amounts(colour), amounts(colour, { splitLine: { show: false } })],
      series: [
        { type: "bar", name: name("credited"), data: rows.map((row) => row.credited), itemStyle: { color: colour.two } },
        Object.assign(line(rows, "credited_sum", name("credited_sum"), colour, LOOKS[0]), { yAxisIndex: 1 }),
      ],
    });
  }

  const KINDS = {
    funnel: funnel, courses: courses, distribution: distribution, hours: hours,
    daily: lines(["enrolled", "started", "completed"]),
    sums: lines(["enrolled_sum", "started_sum", "completed_sum"]),
  };

  function draw(place) {
    const table = document.getElementById(place.dataset.table);
    const kind = place.dataset.picture;
    const rows = rowsOf(table);
    place.classList.add("drawn");
    const chart = echarts.init(place, null, { renderer: "canvas", locale: "ZH" });
    const paint = (colour) => chart.setOption(KINDS[kind](rows, colour, table), true);
    paint(colours());
    new ResizeObserver(() => chart.resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(colours()));
    drawn.push({ chart: chart, paint: paint, width: PAPER_WIDTH[kind] });
  }

  // Painting comes last: it is done at once, whereas a new size would be painted a frame later,
  // when the paper has been printed.
  function toPaper(one) {
    one.chart.resize({ width: one.width, height: 230 });
    one.paint(PAPER);
  }

  function toScreen(one) {
    one.chart.resize({ width: "auto", height: "auto" });
    one.paint(colours());
  }

  document.querySelectorAll("[data-picture]").forEach(draw);
  addEventListener("beforeprint", () => drawn.forEach(toPaper));
  addEventListener("afterprint", () => drawn.forEach(toScreen));
})();
