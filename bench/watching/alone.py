"""`python -m bench.watching.alone worker`: the worker without its crediting agent."""

from functools import partial

from mode.loop import use

use("uvloop")

from pipeline import app  # noqa: E402  # imports Faust, which must come after the loop's choice
from pipeline.cli import main  # noqa: E402

if __name__ == "__main__":
    app.create_app = partial(app.create_app, credits=False)
    main()
