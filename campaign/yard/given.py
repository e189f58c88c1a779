"""What the simulated people are given to act with: the product's own use cases and nothing beside them."""

from __future__ import annotations

from typing import Protocol

from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.audit import Audit
from campaign.services.control import Control
from campaign.services.flashing import Flashing
from campaign.services.intake import Intake
from campaign.services.marks import Marks
from campaign.services.packages import Packages
from campaign.services.people import People
from campaign.services.planning import Planning
from campaign.services.quality import Quality
from campaign.services.reconcile import Reconcile
from campaign.services.resolving import Resolving
from campaign.services.sites import Sites


class Given(Protocol):
    """The wired services, as `campaign.bootstrap.Services` has them. `store` is only read here."""

    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> Store: ...
    @property
    def people(self) -> People: ...
    @property
    def sites(self) -> Sites: ...
    @property
    def packages(self) -> Packages: ...
    @property
    def intake(self) -> Intake: ...
    @property
    def planning(self) -> Planning: ...
    @property
    def control(self) -> Control: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def flashing(self) -> Flashing: ...
    @property
    def resolving(self) -> Resolving: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def reconcile(self) -> Reconcile: ...
    @property
    def audit(self) -> Audit: ...
