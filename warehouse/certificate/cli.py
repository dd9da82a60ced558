"""`xueshi certificate` and `xueshi certificate-check`."""

import sys
from pathlib import Path

import click

from pipeline.settings import SettingMissingError, Settings
from warehouse.certificate.checking import Answer, check
from warehouse.certificate.issuing import certificate as due
from warehouse.certificate.number import MistypedError
from warehouse.certificate.page import page
from warehouse.certificate.words import chinese_day, chinese_moment
from warehouse.cli import clear_errors
from warehouse.snapshot import replaced


@click.command()
@click.argument("teacher")
@click.option("--programme", help="Programme id; needed only where there are several certificates.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write.  [default: certificate-TEACHER.html]")
def certificate(teacher: str, programme: str | None, output: Path | None) -> None:
    """Write the certificate of TEACHER (account id) as a page that prints on one A4 sheet.

    It is due to who completed the programme and is verified, as of the last publication.
    """
    settings = Settings()
    path = output or Path(f"certificate-{teacher.replace('/', '_')}.html")
    with clear_errors():
        found = due(settings.published_dir, _secret(settings), teacher, programme)
        with replaced(path) as file:
            file.write(page(found))
    click.echo(f"{found.number}: wrote {path}")


@click.command("certificate-check")
@click.argument("number")
@click.option("--teacher", help="Account id on the certificate: quicker, and it must be theirs.")
def certificate_check(number: str, teacher: str | None) -> None:
    """Say in Chinese whether NUMBER is of a valid certificate, as of the last publication.

    Exit code 1 if it is not: mistyped, never issued, or taken back.
    """
    settings = Settings()
    secret = _secret(settings)
    try:
        with clear_errors():
            answer = check(settings.published_dir, secret, number, teacher)
    except MistypedError as error:
        click.echo(f"编号有误：{error}。请对照证书重新输入。")
        sys.exit(1)
    click.echo(_said(answer, teacher))
    if answer.named is None or not answer.named.holds:
        sys.exit(1)


def _said(answer: Answer, teacher: str | None) -> str:
    as_of = f"数据截至 {chinese_moment(answer.as_of)}（北京时间）"
    if answer.named is None:
        whose = f"教师账号 {teacher} " if teacher else ""
        return f"从未签发：{whose}没有此编号的证书。{as_of}"
    of = answer.named
    what = f"{of.programme_name}，教师账号 {of.teacher_id}，{chinese_day(of.day)}"
    if of.holds:
        return f"有效：{what}。{as_of}"
    return f"已撤销：{what}，结业或审核认证已变更，此证书不再有效。{as_of}"


def _secret(settings: Settings) -> bytes:
    try:
        return settings.secret("certificate_secret").encode()
    except SettingMissingError as error:
        raise click.ClickException(str(error)) from error
