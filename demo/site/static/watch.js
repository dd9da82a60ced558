// The page with the player: opens a play through the platform, and hands it to the SDK.

const stage = document.getElementById("stage");
const video = document.getElementById("video");
const told = document.getElementById("told");
const AGAIN_MS = 4000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function open() {
  const answer = await fetch(stage.dataset.plays, { method: "POST" });
  if (!answer.ok) throw new Error(`no play: ${answer.status}`);
  return answer.json();
}

async function opened() {
  for (;;) {
    try {
      return await open();
    } catch {
      told.textContent = "记录服务暂时没有应答，连接上以后才能播放，正在重试……";
      await pause(AGAIN_MS);
    }
  }
}

// `settled` says that all that was played until the film stopped has arrived.
function tell(handle) {
  let safe = 0;
  let refused = 0;
  let flushed = false;
  const draw = () => {
    const more = refused ? `，${refused} 条没有被接受` : "";
    told.textContent = `记录服务已收到 ${safe} 条播放记录，还有 ${handle.pending} 条待发送${more}。`;
    stage.dataset.settled = String(flushed && video.paused && handle.pending === 0);
  };
  handle.addEventListener("accepted", (event) => { safe += event.detail.events.length; });
  handle.addEventListener("refused", (event) => { refused += event.detail.events.length; });
  video.addEventListener("play", () => { flushed = false; draw(); });
  // Who stops to look at their hours finds all of them there.
  video.addEventListener("pause", () => setTimeout(async () => {
    await handle.flush();
    flushed = video.paused;
    draw();
  }));
  draw();
  setInterval(draw, 500);
}

function offerTricks() {
  const rates = document.querySelectorAll("[data-rate]");
  const press = () => rates.forEach((one) => one.setAttribute(
    "aria-pressed", String(Number(one.dataset.rate) === video.playbackRate)));
  rates.forEach((one) => one.addEventListener("click", () => {
    video.playbackRate = Number(one.dataset.rate);
  }));
  video.addEventListener("ratechange", press);
  press();
  document.querySelector("[data-to-end]").addEventListener("click", () => {
    video.currentTime = Math.max(0, video.duration - 3);
  });
}

const [{ attach }, { show }] = await Promise.all([
  import(stage.dataset.player), import(stage.dataset.ui)]);
const handle = attach(video, { ...await opened(), endpoint: stage.dataset.collector, renew: open });
show(video, handle, { mount: document.getElementById("ui") });
if (stage.dataset.at) video.currentTime = Number(stage.dataset.at);
video.controls = true;
offerTricks();
tell(handle);
stage.dataset.ready = "true";
