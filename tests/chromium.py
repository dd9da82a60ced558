"""The system's Chromium, and how all tests start it."""

import shutil

from playwright.sync_api import expect

# What is expected comes, but behind films that must play so far, on a machine that does much else.
expect.set_options(timeout=20_000)

# The last --disable-features is the one that counts, so what Playwright turns off stands here too.
_PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)
# Each window has a process that draws what the address bar suggests, and one for a page that may
# come: no test looks at either, and they take a third of the browser's time.
_UNSEEN = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
)
ARGS = ["--no-sandbox", f"--disable-features={','.join(_PLAYWRIGHTS + _UNSEEN)}"]


def chromium_path() -> str:
    """Where it is."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no Chromium: install it (`make system` does on Debian)"
    return path
