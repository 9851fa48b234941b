"""The site of docs/: build it, look at it.

    python -m tools.site                   build it into site/, then check its links (`make docs`)
    python -m tools.site links [FOLDER]    links, anchors and what is loaded, of a built site
    python -m tools.site browser [FOLDER] [--screenshots TO]   every page in a headless Chromium (`make docs-check`)
    python -m tools.site navigation        write the navigation into zensical.toml

Exit status: 0 all is well, 1 something is wrong, each a line; 2 the site cannot be built or looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tools.site import build, links, navigation


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.site", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="build", choices=("build", "links", "browser", "navigation"))
    parser.add_argument("folder", nargs="?", type=Path, default=build.ROOT / build.SITE, help="a built site")
    parser.add_argument("--screenshots", type=Path, help="a folder for what the browser has seen")
    options = parser.parse_args(arguments)
    try:
        if options.command == "navigation":
            navigation.write()
            return 0
        if options.command == "build":
            build.build()
        if options.command == "browser":
            return _said(_browsed(_folder(options.folder), options.screenshots), "in the browser")
        return _said(links.problems(_folder(options.folder)), "links, anchors and what is loaded")
    except (build.CannotBuild, navigation.NoPlace, OSError) as wrong:
        print(f"site: {wrong}", file=sys.stderr)
        return 2


def _folder(folder: Path) -> Path:
    """A folder with pages, as a whole path.  FileNotFoundError for none."""
    found = folder.resolve()
    if not (found / "index.html").is_file():
        raise FileNotFoundError(f"no site in {folder}: there is no index.html")
    return found


def _browsed(site: Path, screenshots: Path | None) -> Iterator[str]:
    """What a browser finds wrong with a site, page by page.  NoBrowser where there is none."""
    # who builds the pages needs no selenium
    from tools.site import browser as browsing
    from tools.site import checks

    with browsing.browser() as browser, browsing.serving(site) as origin:
        pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
        for page in pages:
            yield from checks.of_page(browser, origin, page, screenshots)
        yield from checks.of_keyboard(browser, origin)
        yield from checks.of_schemes(browser, origin, screenshots)
        print(f"{len(pages)} pages read, each at {' and '.join(str(width) for width, _ in checks.SIZES)} pixels")


def _said(problems: Iterable[str], of: str) -> int:
    """Print what is wrong, and how much it is."""
    count = 0
    for line in problems:
        print(line)
        count += 1
    print(f"{of}: {f'{count} problems' if count else 'all well'}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
