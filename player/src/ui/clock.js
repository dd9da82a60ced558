/** Places in a film and moments, as people read them. */

/** 12:34, or 1:02:03. @param {number} ms */
export function clock(ms) {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60]
    .map(Math.floor);
  const rest = [minutes, seconds].map((one) => String(one).padStart(2, "0")).join(":");
  return hours ? `${hours}:${rest}` : rest;
}

/** 7月20日 08:00, in the viewer's own time zone. @param {number} at  epoch milliseconds */
export function moment(at) {
  return new Date(at).toLocaleString("zh-CN",
    { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}
