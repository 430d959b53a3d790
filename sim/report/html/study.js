// A study's page: points over axes to choose, the best one under constraints, a table. The element #data has the points.
const study = JSON.parse(document.getElementById("data").textContent), columns = new Map();
const element = (name, properties, ...children) => {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
};
for (const c of study.columns) {
  const at = (i) => c.words[parseInt(c.at.slice(i * c.digits, (i + 1) * c.digits), 36)];
  const values = "numbers" in c ? c.numbers
    : "whole" in c ? c.whole.split(" ").map((d) => (d === "" ? null : parseInt(d, 36)))
      : Array.from({length: study.rows}, (_, i) => ("words" in c ? at(i) : c.one));
  columns.set(c.name, values);
}
const rows = [...Array(study.rows).keys()].filter((i) => columns.get("status")[i] === "done");
const used = [...columns.keys()].filter((name) => rows.some((i) => columns.get(name)[i] !== null));
const numeric = used.filter((name) => rows.every((i) => typeof columns.get(name)[i] !== "string"));
const isLarger = (name) => study.larger.includes(name);
const works = new Map(), workKeys = ["network", "width", "size", "batch"].filter((name) => columns.has(name));
const work = columns.get("status").map((_, i) => JSON.stringify(workKeys.map((name) => columns.get(name)[i])));
for (const i of rows) if (!works.has(work[i])) works.set(work[i], works.size);

const choice = (label, names, value) => {
  const select = element("select", {}, ...names.map((name) => element("option", {value: name, textContent: name})));
  select.value = value;
  return [element("label", {}, label + " ", select), select];
};
const [xLabel, xSelect] = choice("x", numeric, study.x), [yLabel, ySelect] = choice("y", numeric, study.y);
const [goalLabel, goalSelect] = choice("best", numeric, "cycles");
const only = element("input", {id: "only", placeholder: "sram_bytes <= 524288, precision = w8a8", size: 40});
only.style.width = "24em";
const controls = document.getElementById("controls"), tip = document.getElementById("tip"), best = document.getElementById("best");
controls.hidden = false;
controls.append(xLabel, yLabel, goalLabel, element("label", {}, "only where ", only));
xSelect.id = "x"; ySelect.id = "y"; goalSelect.id = "goal";

// "a <= 3, b = text" as a predicate of a row; a string: what is wrong with it.
const tests = {"<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "!=": (a, b) => a !== b, "=": (a, b) => a === b, "<": (a, b) => a < b, ">": (a, b) => a > b};
const constraints = (text) => {
  const all = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const m = /^\s*(\w+)\s*(<=|>=|!=|=|<|>)\s*(.+?)\s*$/.exec(part);
    if (m === null || !columns.has(m[1])) return `'${part.trim()}' is no constraint: a column, <=, >=, <, >, = or !=, and a value`;
    const values = columns.get(m[1]), isText = values.some((v) => typeof v === "string");
    const limit = isText ? m[3] : Number(m[3]);
    if (!isText && Number.isNaN(limit)) return `'${m[3]}' is no number`;
    all.push((i) => values[i] !== null && tests[m[2]](values[i], limit));
  }
  return (i) => all.every((f) => f(i));
};
const shown = (v) => (v === null ? "" : typeof v === "number" && !Number.isInteger(v) ? v.toPrecision(6) : typeof v === "number" ? v.toLocaleString("en") : v);
const short = (v) => {
  let u = 0;
  for (; Math.abs(v) >= 1000 && u < 4; u++) v /= 1000;
  return Number(v.toPrecision(4)) + ["", " k", " M", " G", " T"][u];
};

// Rows on the front of their work: sorted along x, each better on y than all before it.
const front = (list, xs, ys, x, y) => {
  const sx = isLarger(x) ? -1 : 1, sy = isLarger(y) ? -1 : 1, found = [], last = new Map();
  for (const i of [...list].sort((a, b) => sx * (xs[a] - xs[b]) || sy * (ys[a] - ys[b]) || a - b)) {
    const l = last.get(work[i]);
    if (l !== undefined && !(sy * ys[i] < sy * ys[l] || (xs[i] === xs[l] && ys[i] === ys[l]))) continue;
    last.set(work[i], i);
    found.push(i);
  }
  return found;
};

const svgName = "http://www.w3.org/2000/svg", svg = document.getElementById("chart");
const frame = {left: 62, right: 1106, top: 10, bottom: 422};
const drawInto = (picture) => (name, attributes, text) => {
  const e = document.createElementNS(svgName, name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  picture.append(e);
};
const draw = drawInto(svg);
const scale = (values, from, to) => {
  let least = Infinity, most = -Infinity;
  for (const v of values) { least = Math.min(least, v); most = Math.max(most, v); }
  const log = least > 0 && most > 10 * least, ticks = [];
  const low = log ? least / 1.3 : 0, high = log ? 1.3 * most : most > 0 ? 1.05 * most : 1;
  if (log) {
    const digits = high > 1000 * low ? [1] : [1, 2, 5];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
      for (const d of digits) if (d * power >= low && d * power <= high) ticks.push(d * power);
    }
  } else {
    const power = 10 ** Math.floor(Math.log10(high / 6)), digit = high / 6 / power;
    const step = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    for (let v = 0; v <= high * (1 + 1e-9); v += step) ticks.push(v);
  }
  return {at: (v) => from + (log ? Math.log(v / low) / Math.log(high / low) : v / high) * (to - from), ticks};
};
let places = [];
const drawAxes = (sx, sy, x, y) => {
  for (const v of sx.ticks) {
    draw("line", {x1: sx.at(v), x2: sx.at(v), y1: frame.top, y2: frame.bottom, class: "grid"});
    draw("text", {x: sx.at(v), y: frame.bottom + 14, "text-anchor": "middle"}, short(v));
  }
  for (const v of sy.ticks) {
    draw("line", {x1: frame.left, x2: frame.right, y1: sy.at(v), y2: sy.at(v), class: "grid"});
    draw("text", {x: frame.left - 5, y: sy.at(v) + 4, "text-anchor": "end"}, short(v));
  }
  draw("path", {d: `M${frame.left} ${frame.top}V${frame.bottom}H${frame.right}`, class: "axis"});
  draw("text", {x: (frame.left + frame.right) / 2, y: frame.bottom + 31, "text-anchor": "middle"}, x);
  draw("text", {transform: `translate(12 ${(frame.top + frame.bottom) / 2}) rotate(-90)`, "text-anchor": "middle"}, y);
};
const drawPoints = (list) => {
  const x = xSelect.value, y = ySelect.value, xs = columns.get(x), ys = columns.get(y);
  const some = list.filter((i) => xs[i] !== null && ys[i] !== null);
  svg.replaceChildren();
  places = [];
  if (some.length === 0) return 0;
  const sx = scale(some.map((i) => xs[i]), frame.left, frame.right), sy = scale(some.map((i) => ys[i]), frame.bottom, frame.top);
  drawAxes(sx, sy, x, y);
  const paths = new Map();
  for (const i of some) {
    const place = [sx.at(xs[i]), sy.at(ys[i]), i], k = works.get(work[i]) % 10;
    places.push(place);
    paths.set(k, (paths.get(k) ?? "") + `M${place[0].toFixed(1)} ${place[1].toFixed(1)}h0`);
  }
  for (const [k, d] of paths) draw("path", {class: `dots s${k}`, d});
  const on = front(some, xs, ys, x, y);
  for (const i of on) draw("circle", {cx: sx.at(xs[i]), cy: sy.at(ys[i]), r: 4.5, class: `c${works.get(work[i]) % 10}`});
  return on.length;
};
const describe = (i) => used.filter((name) => columns.get(name)[i] !== null).map((name) => `${name} ${shown(columns.get(name)[i])}`).join(", ");
svg.addEventListener("mousemove", (e) => {
  const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
  let nearest = null, distance = 225;
  for (const place of places) {
    const d = (place[0] - p.x) ** 2 + (place[1] - p.y) ** 2;
    if (d < distance) { distance = d; nearest = place; }
  }
  tip.textContent = nearest === null ? "" : describe(nearest[2]);
});

// A table of rows; a heading sorts all of them by its column and the first 100 are shown.
const pointsAt = document.getElementById("points");
let order = ["cycles", 1];
const drawTable = (list) => {
  const values = columns.get(order[0]), sorted = [...list].sort((a, b) => order[1] * (values[a] === values[b] ? a - b : values[a] < values[b] ? -1 : 1));
  const head = element("tr", {}, ...used.map((name) => element("th", {textContent: name, onclick: () => {
    order = [name, name === order[0] ? -order[1] : 1];
    drawTable(list);
  }})));
  const body = sorted.slice(0, 100).map((i) => element("tr", {}, ...used.map((name) => element("td", {textContent: shown(columns.get(name)[i])}))));
  const table = element("table", {id: "table"}, element("thead", {}, head), element("tbody", {}, ...body));
  table.style.cursor = "pointer";
  pointsAt.replaceChildren(element("h2", {textContent: "Points"}),
    element("p", {textContent: `${Math.min(100, list.length)} of ${list.length}, by ${order[0]}; a click on a heading sorts.`}), element("div", {className: "wide"}, table));
};
// Parallel coordinates: an axis for all that varies, and what the charts show; a line a point, the best one above the others.
const varies = (name) => new Set(rows.map((i) => columns.get(name)[i])).size > 1;
const inputs = used.slice(1, used.indexOf("sram_bytes") + 1).filter((name) => varies(name));
const parallel = document.getElementById("parallel"), mostLines = 1500;
const axisOf = (name, list) => {
  const values = columns.get(name), present = list.map((i) => values[i]).filter((v) => v !== null);
  if (numeric.includes(name)) {
    const s = scale(present, 250, 24);
    const few = [...new Set(present)], isFew = few.length <= 8;
    return {at: (i) => (values[i] === null ? null : s.at(values[i])), ticks: (isFew ? few : s.ticks).map((v) => [s.at(v), isFew ? shown(v) : short(v)])};
  }
  const words = [...new Set(present)].sort(), at = (v) => (words.length === 1 ? 137 : 250 - 226 * words.indexOf(v) / (words.length - 1));
  return {at: (i) => (values[i] === null ? null : at(values[i])), ticks: words.slice(0, 12).map((w) => [at(w), w.slice(0, 18)])};
};
const drawParallel = (list, first) => {
  const names = [...new Set([...inputs, xSelect.value, ySelect.value, goalSelect.value])], share = mostLines / list.length;
  parallel.replaceChildren();
  if (list.length === 0 || names.length < 2) return;
  const picture = document.createElementNS(svgName, "svg"), draw = drawInto(picture);
  picture.setAttribute("viewBox", "0 0 1120 290");
  picture.id = "lines";
  const axes = names.map((name, k) => ({...axisOf(name, list), x: 60 + k * 980 / (names.length - 1)}));
  const path = (i) => {
    let d = "", pen = "M";
    for (const a of axes) {
      const y = a.at(i);
      d += y === null ? "" : `${pen}${a.x.toFixed(1)} ${y.toFixed(1)}`;
      pen = y === null ? "M" : "L";
    }
    return d;
  };
  const paths = new Map();
  // Every k-th point would leave out whole values of the innermost axes.
  const chosen = list.filter((i) => share >= 1 || (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32 < share);
  for (const i of chosen) {
    const colour = works.get(work[i]) % 10;
    paths.set(colour, (paths.get(colour) ?? "") + path(i));
  }
  for (const [k, d] of paths) draw("path", {class: `thread s${k}`, d});
  if (first !== null) draw("path", {class: "front", d: path(first), "data-id": columns.get("id")[first]});
  axes.forEach((a, k) => {
    draw("line", {x1: a.x, x2: a.x, y1: 24, y2: 250, class: "axis"});
    for (const [y, label] of a.ticks) draw("text", {x: a.x + 4, y: y + 4}, label);
    draw("text", {x: a.x, y: k % 2 === 0 ? 268 : 283, "text-anchor": "middle"}, names[k]);
  });
  parallel.append(element("h2", {textContent: "Parallel coordinates"}),
    element("p", {textContent: (share < 1 ? `${chosen.length} of ${list.length} points, spread evenly, are lines` : "Each point is a line") +
      ` over all that varies and the charts show${first === null ? "" : "; the red one is the best"}.`}), picture);
};
const update = () => {
  const keep = constraints(only.value);
  if (typeof keep === "string") {
    best.replaceChildren(element("p", {className: "bad", textContent: keep}));
    return;
  }
  const list = rows.filter(keep), goal = goalSelect.value, goals = columns.get(goal), sign = isLarger(goal) ? -1 : 1;
  const onFront = drawPoints(list);
  let first = null;
  for (const i of list) if (goals[i] !== null && (first === null || sign * (goals[i] - goals[first]) < 0)) first = i;
  best.replaceChildren(element("p", {textContent: `${list.length} points, ${onFront} on the front. ` +
    (first === null ? "" : `${isLarger(goal) ? "Largest" : "Smallest"} ${goal}: ${describe(first)}`)}));
  if (first !== null) best.dataset.id = columns.get("id")[first];
  drawParallel(list, first);
  drawTable(list);
};
for (const e of [xSelect, ySelect, goalSelect, only]) e.addEventListener("change", update);
update();
