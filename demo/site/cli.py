"""`xueshi demo-site`."""

import logging

import click

from demo.errors import DemoError
from demo.site.app import create_site
from demo.site.films import Films
from learner.cli import config
from pipeline.clock import now_ms
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.serving import Server, listen, shown
from pipeline.settings import SettingMissingError, Settings

HOST = "127.0.0.1"  # everybody may be any teacher there: it is never reached from elsewhere


@click.command()
def demo_site() -> None:
    """Play the platform, as a part of `xueshi up`: videos for demo teachers, without passwords.

    Runs until it is told to stop (SIGTERM, Ctrl-C), for browsers of this machine only. The
    videos are made first, if they are not there yet.
    """
    settings = Settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        catalogue = load_catalogue(settings.programmes_dir)
        films = Films(settings.var_dir / "films")
        with listen(HOST, settings.site_port, "XUESHI_SITE_PORT") as listening:
            films.make(one for one in catalogue.resources.values() if one.kind == "video")
            app = create_site(settings, catalogue, films, now_ms)
            click.echo(f"demo-site listens at http://{shown(listening)}")
            Server(config(app)).run(sockets=[listening])
    except (DemoError, OSError, ProgrammeError, SettingMissingError) as error:
        raise click.ClickException(str(error)) from error
