"""Which services a unit knows in which session, and the session that it is in."""

from __future__ import annotations

from gallia.services.uds.core.constants import UDSIsoServices
from gallia.services.uds.ecu import ECUState

DEFAULT, PROGRAMMING, EXTENDED = 1, 2, 3
SEED_LEVEL = 0x11

Services = dict[UDSIsoServices, list[int] | None]
_ALWAYS: Services = {
    UDSIsoServices.DiagnosticSessionControl: [DEFAULT, PROGRAMMING, EXTENDED],
    UDSIsoServices.EcuReset: [0x01],
    UDSIsoServices.ClearDiagnosticInformation: None,
    UDSIsoServices.ReadDTCInformation: [0x02],
    UDSIsoServices.ReadDataByIdentifier: None,
    UDSIsoServices.TesterPresent: [0x00],
}
_QUIETING: Services = {
    UDSIsoServices.CommunicationControl: [0x00, 0x03],
    UDSIsoServices.ControlDTCSetting: [0x01, 0x02],
    UDSIsoServices.RoutineControl: [0x01],
}
SERVICES: dict[int, Services] = {
    DEFAULT: _ALWAYS,
    EXTENDED: _ALWAYS | _QUIETING,
    PROGRAMMING: _ALWAYS
    | _QUIETING
    | {
        UDSIsoServices.SecurityAccess: [SEED_LEVEL, SEED_LEVEL + 1],
        UDSIsoServices.WriteDataByIdentifier: None,
        UDSIsoServices.RequestDownload: None,
        UDSIsoServices.TransferData: None,
        UDSIsoServices.RequestTransferExit: None,
    },
}


class UnitState(ECUState):
    """Session and security. gallia's own reset leaves no session at all, and such a unit would answer no more."""

    def __init__(self) -> None:
        super().__init__(session=DEFAULT)

    def reset(self) -> None:
        """As after power-up."""
        super().reset()
        self.session = DEFAULT
