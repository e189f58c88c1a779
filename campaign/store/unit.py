"""One unit of work: every repository over one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.ports import fleet as fleet_port
from campaign.ports import floor as floor_port
from campaign.ports import kept as kept_port
from campaign.ports import plans as plans_port
from campaign.ports import store as port
from campaign.store import chain as log
from campaign.store.attempts import SqlAttempts
from campaign.store.batches import SqlBatches
from campaign.store.campaigns import SqlCampaigns
from campaign.store.cars import SqlCars
from campaign.store.charges import SqlCharges
from campaign.store.evidence import SqlEvidences
from campaign.store.fleet import SqlFleet
from campaign.store.holds import SqlHolds
from campaign.store.packages import SqlPackages, SqlStagings
from campaign.store.people import SqlPeople, SqlSites
from campaign.store.plans import SqlForecasts, SqlPlans
from campaign.store.signoffs import SqlSignOffs
from campaign.store.work import Work


class SqlUnit:
    """`ports.store.UnitOfWork` over a connection in a transaction; `chain` None only reads."""

    def __init__(self, connection: Connection, chain: str | None) -> None:
        self.work = Work(connection, chain)
        self._head = log.NO_HEAD if chain is None else log.lock(connection, chain)
        self.fleet: fleet_port.Fleet = SqlFleet(self.work)
        self.campaigns: floor_port.Campaigns = SqlCampaigns(self.work)
        self.sql_batches = SqlBatches(self.work)
        self.batches: floor_port.Batches = self.sql_batches
        self.cars: floor_port.Cars = SqlCars(self.work)
        self.charges: floor_port.Charges = SqlCharges(self.work)
        self.sql_attempts = SqlAttempts(self.work)
        self.attempts: floor_port.Attempts = self.sql_attempts
        self.evidence: kept_port.Evidences = SqlEvidences(self.work)
        self.holds: kept_port.Holds = SqlHolds(self.work)
        self.sign_offs: kept_port.SignOffs = SqlSignOffs(self.work)
        self.people: fleet_port.People = SqlPeople(self.work)
        self.sites: fleet_port.Sites = SqlSites(self.work)
        self.packages: kept_port.Packages = SqlPackages(self.work)
        self.stagings: kept_port.Stagings = SqlStagings(self.work)
        self.plans: plans_port.Plans = SqlPlans(self.work)
        self.forecasts: plans_port.Forecasts = SqlForecasts(self.work)
        self.log: port.Log = log.SqlLog(self.work)

    def commit(self) -> None:
        """Counters, events, head, commit. A unit in which a statement failed raises that failure again."""
        work = self.work
        if work.failed is not None:
            raise work.failed
        with work.changing() as connection:
            try:
                work.flush_counters()
                log.write(connection, str(work.chain), self._head, work.facts)
                connection.commit()
            finally:
                work.over = True  # also after a failure: what was written so far may be half of it
