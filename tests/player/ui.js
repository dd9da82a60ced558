import { attach } from "/xueshi-player.min.js";
import { show } from "/xueshi-player-ui.min.js";

const said = new URLSearchParams(location.search);
const video = document.getElementById("video");
const open = async () => (await fetch("/play")).json();
const play = await open();
// A site without range requests cannot be seeked in; a blob can.
video.src = URL.createObjectURL(await (await fetch("/film.webm")).blob());
await new Promise((ready) => video.addEventListener("loadeddata", ready, { once: true }));
const handle = attach(video, { ...play, endpoint: said.get("endpoint"), renew: open });
const shown = show(video, handle, { mount: document.getElementById("ui") });
Object.assign(window, { video, handle, play, shown, ready: true });
