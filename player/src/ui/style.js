/** One sheet for the shadow root: no inline style, so a strict Content-Security-Policy holds. */

const CSS = `
:host { display: block; font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #1f2328; }
section { background: #fff; padding: 4px 0; }
[hidden] { display: none; }
p, ul { margin: 4px 0; padding: 0; list-style: none; }
p:empty { display: none; }
.strip { display: block; width: 100%; height: 18px; overflow: visible; }
.film { fill: #d0d7de; } .ahead { fill: #b6d8ff; } .covered { fill: #79b0ee; } .settled { fill: #0b5cad; }
circle { stroke: #1f2328; stroke-width: 2; fill: #fff; } circle.passed { fill: #1f2328; }
.state, .title { font-weight: 600; }
li { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; padding: 2px 0; }
button { font: inherit; color: #0b4a8f; background: #fff; border: 1px solid #6e7781; border-radius: 6px;
  padding: 4px 12px; min-height: 36px; cursor: pointer; }
button.first { color: #fff; background: #0b4a8f; border-color: #0b4a8f; }
button:disabled { color: #57606a; background: #eaeef2; border-color: #d0d7de; cursor: default; }
:focus-visible { outline: 3px solid #bf5700; outline-offset: 2px; }
dialog { box-sizing: border-box; width: min(640px, calc(100vw - 16px)); max-height: calc(100dvh - 16px);
  padding: 16px; border: 1px solid #6e7781; border-radius: 10px; color: inherit; background: #fff;
  overflow: auto; overflow-wrap: anywhere; }
dialog::backdrop { background: #000a; }
h2 { margin: 0; font-size: 20px; }
fieldset { border: 0; margin: 12px 0; padding: 0; min-width: 0; }
legend { font-weight: 600; padding: 0; }
label { display: flex; gap: 8px; padding: 6px 4px; align-items: baseline; cursor: pointer; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
.said { font-weight: 600; }
`;

/** @param {ShadowRoot} root */
export function style(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS.replace(/\s+/g, " "));
  root.adoptedStyleSheets = [sheet];
}
