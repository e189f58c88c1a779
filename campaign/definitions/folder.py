"""The configuration folder: definitions by file, and by the code that they carry.

configs/sites/*.yaml  configs/campaigns/*.yaml  configs/people/*.yaml
"""

from __future__ import annotations

from pathlib import Path

from campaign.definitions.campaign import CampaignDefinition
from campaign.definitions.checking import check, nearest
from campaign.definitions.document import read_document
from campaign.definitions.people import PeopleDefinition
from campaign.definitions.site import SiteDefinition
from campaign.errors import BadFile, NotFound


def load_site(path: Path) -> SiteDefinition:
    """A site from its file. Raises BadFile listing every problem as `file:line: field: what - what to do`."""
    return check(read_document(path), SiteDefinition)


def load_campaign(path: Path, configs_dir: Path | None = None) -> CampaignDefinition:
    """A campaign from its file; its site must be defined in `configs_dir`, by default the folder around it.

    Raises BadFile listing every problem.
    """
    sites, _ = _by_code((configs_dir or path.parent.parent) / "sites")
    return check(read_document(path), CampaignDefinition, sites=sites)


def load_people(path: Path) -> PeopleDefinition:
    """People from a file. Raises BadFile listing every problem."""
    return check(read_document(path), PeopleDefinition)


def find_campaign(configs_dir: Path, code: str) -> CampaignDefinition:
    """The campaign with this code. Raises NotFound naming the known codes, BadFile when its file is wrong."""
    return load_campaign(_file_of(configs_dir / "campaigns", "campaign", code), configs_dir)


def find_site(configs_dir: Path, code: str) -> SiteDefinition:
    """The site with this code. Raises NotFound naming the known codes, BadFile when its file is wrong."""
    return load_site(_file_of(configs_dir / "sites", "site", code))


def campaign_codes(configs_dir: Path) -> tuple[str, ...]:
    """The codes of all campaigns that are defined, sorted, for a planner to choose from."""
    return tuple(sorted(_by_code(configs_dir / "campaigns")[0]))


def _file_of(folder: Path, kind: str, code: str) -> Path:
    files, unreadable = _by_code(folder)
    if code in files:
        found = files[code]
        if len(found) > 1:
            both = " and ".join(str(path) for path in found)
            raise BadFile(f"the {kind} {code} is defined twice", where=both, todo="keep one of the files")
        return found[0]
    if unreadable:
        raise unreadable[0]  # the code may well stand in there
    raise NotFound(f"there is no {kind} {code!r} in {folder} - {nearest(code, files)}")


def _by_code(folder: Path) -> tuple[dict[str, list[Path]], list[BadFile]]:
    """The files of a folder by the code in each, and what is wrong with those that cannot be read."""
    files: dict[str, list[Path]] = {}
    unreadable = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            content = read_document(path).content
        except BadFile as bad:
            unreadable.append(bad)
            continue
        code = content.get("code") if isinstance(content, dict) else None
        if isinstance(code, str):
            files.setdefault(code, []).append(path)
    return files, unreadable
