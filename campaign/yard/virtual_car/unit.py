"""One control unit: gallia's UDSServer with this car's answers (ISO 14229-1). No bus, no time but a given clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from gallia.services.uds.core import service
from gallia.services.uds.core.constants import UDSErrorCodes, UDSIsoServices
from gallia.services.uds.server import UDSServer

from campaign.yard.virtual_car.car import EcuSpec
from campaign.yard.virtual_car.faults import UnitFaults
from campaign.yard.virtual_car.image import key_of
from campaign.yard.virtual_car.memory import UnitMemory
from campaign.yard.virtual_car.programming import (
    CONDITIONS_NOT_CORRECT,
    LENGTH_WRONG,
    OUT_OF_RANGE,
    SEQUENCE_ERROR,
    Programming,
    Refused,
)
from campaign.yard.virtual_car.sessions import DEFAULT, PROGRAMMING, SEED_LEVEL, SERVICES, Services, UnitState

TIMING = bytes.fromhex("003201F4")  # P2 50 ms, P2* 5,000 ms: said after each change of session
MOST_WRONG_KEYS = 3

PRECONDITIONS, CHECKSUM, ERASE, DEPENDENCIES = 0x0203, 0x0202, 0xFF00, 0xFF01
FINGERPRINT = 0xF15A

Read = Callable[[EcuSpec, UnitMemory, int], bytes | None]
"""What stands under a data identifier; None where there is nothing."""


class Transfer(
    service.TransferDataRequest,
    service_id=UDSIsoServices.TransferData,
    response_type=service.TransferDataResponse,
    minimal_length=2,
    maximal_length=None,
):
    """TransferData that is not packed again each time somebody asks for its service."""

    def __init__(self, pdu: bytes) -> None:
        super().__init__(pdu[1])
        self._pdu = pdu

    @property
    def pdu(self) -> bytes:
        """The request as it came."""
        return self._pdu


def parse(pdu: bytes) -> service.UDSRequest:
    """The request in these bytes; one that cannot be is a RawRequest."""
    if pdu[0] == UDSIsoServices.TransferData and len(pdu) >= 2:
        return Transfer(pdu)
    if pdu[0] == UDSIsoServices.ControlDTCSetting and len(pdu) >= 2:
        # gallia forgets the suppress bit when it packs this one, and then takes it for malformed.
        return service.ControlDTCSettingRequest(pdu[1] & 0x7F, pdu[2:], suppress_response=pdu[1] >= 0x80)
    return service.UDSRequest.parse_dynamic(pdu)


class Unit(UDSServer):
    """One control unit that is under power. `faults` is set before each request; `respond` raises Frozen, PowerLost."""

    def __init__(
        self,
        spec: EcuSpec,
        memory: UnitMemory,
        read: Read,
        keep: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self.state = UnitState()
        self.spec, self.memory, self.faults = spec, memory, UnitFaults()
        self.quiet, self.codes_kept = False, True
        self._read, self._clock = read, clock
        self._programming = Programming(memory, spec.memory_size, spec.max_block, keep)
        self._seed = b""
        self._wrong_keys = 0
        self._locked_until = clock()
        self._keep = keep

    @property
    def supported_services(self) -> dict[int, Services]:
        """Session -> service -> its sub-functions."""
        return SERVICES

    def fall_back(self) -> None:
        """Into the default session: nobody was there (S3), or the unit was reset. A transfer is lost."""
        self.state.reset()
        self._programming.begin_session()
        self._seed = b""
        self.quiet, self.codes_kept = False, True

    def default_response_if_session_change(
        self, request: service.UDSRequest
    ) -> service.NegativeResponse | service.DiagnosticSessionControlResponse | None:
        """Tells the timing too, which gallia leaves out, and refuses programming where preconditions do not hold."""
        if not isinstance(request, service.DiagnosticSessionControlRequest):
            return None
        session = request.diagnostic_session_type
        if session == PROGRAMMING and self.faults.preconditions_refused:
            return service.NegativeResponse(request.service_id, UDSErrorCodes.conditionsNotCorrect)
        return service.DiagnosticSessionControlResponse(session, TIMING)

    def default_response_if_sub_function_not_supported(
        self, request: service.UDSRequest
    ) -> service.NegativeResponse | None:
        """Routines are only started here, never stopped or asked; gallia leaves that to the routines."""
        if request.service_id == UDSIsoServices.RoutineControl and request.pdu[1] & 0x7F != 0x01:
            return service.NegativeResponse(request.service_id, UDSErrorCodes.subFunctionNotSupported)
        return super().default_response_if_sub_function_not_supported(request)

    async def update_state(self, request: service.UDSRequest, response: service.UDSResponse) -> None:
        """What an answer changes."""
        quiet, codes_kept = self.quiet, self.codes_kept
        if isinstance(response, service.DiagnosticSessionControlResponse | service.ECUResetResponse):
            self.fall_back()
        if isinstance(response, service.ECUResetResponse):
            self._programming.forget()
        await super().update_state(request, response)
        if self.state.session != DEFAULT:
            self.quiet, self.codes_kept = quiet, codes_kept

    async def respond_after_default(self, request: service.UDSRequest) -> service.UDSResponse | None:
        """The answer to a well-formed request that this session knows. Raises Frozen and PowerLost."""
        try:
            return self._answer(request)
        except Refused as refused:
            return _negative(request, refused.code)

    def _answer(self, request: service.UDSRequest) -> service.UDSResponse | None:
        match request:
            case service.TransferDataRequest():
                return self._transfer(request)
            case service.ReadDataByIdentifierRequest():
                return self._read_data(request)
            case service.WriteDataByIdentifierRequest():
                return self._write_data(request)
            case service.RequestSeedRequest() | service.SendKeyRequest():
                return self._security(request)
            case service.StartRoutineRequest():
                return self._routine(request)
            case service.RequestDownloadRequest():
                return self._download(request)
            case service.RequestTransferExitRequest():
                self._programming.leave()
                return service.RequestTransferExitResponse()
            case _:
                return self._answer_upkeep(request)

    def _answer_upkeep(self, request: service.UDSRequest) -> service.UDSResponse | None:
        match request:
            case service.ECUResetRequest():
                return service.ECUResetResponse(request.reset_type)
            case service.CommunicationControlRequest():
                self.quiet = request.control_type == 0x03
                return service.CommunicationControlResponse(request.control_type)
            case service.ControlDTCSettingRequest():
                self.codes_kept = request.dtc_setting_type == 0x01
                return service.ControlDTCSettingResponse(request.dtc_setting_type)
            case service.ReportDTCByStatusMaskRequest():
                mask = request.dtc_status_mask
                found = {code: status for code, status in self.memory.dtcs.items() if status & mask}
                return service.ReportDTCByStatusMaskResponse(0xFF, found)
            case service.ClearDiagnosticInformationRequest():
                return self._clear(request.group_of_dtc)
            case _:
                return None

    def _clear(self, group: int) -> service.UDSResponse:
        if group != 0xFFFFFF and group not in self.memory.dtcs:
            raise Refused(OUT_OF_RANGE)
        for code in list(self.memory.dtcs) if group == 0xFFFFFF else [group]:
            del self.memory.dtcs[code]
        self._keep()
        return service.ClearDiagnosticInformationResponse()

    def _read_data(self, request: service.ReadDataByIdentifierRequest) -> service.UDSResponse:
        found = {}
        for identifier in request.data_identifiers:
            data = self._read(self.spec, self.memory, identifier)
            if data is not None:
                found[identifier] = data
        if not found:
            raise Refused(OUT_OF_RANGE)
        return service.ReadDataByIdentifierResponse(list(found), list(found.values()))

    def _write_data(self, request: service.WriteDataByIdentifierRequest) -> service.UDSResponse:
        if request.data_identifier != FINGERPRINT:
            raise Refused(OUT_OF_RANGE)
        self._need_key()
        self._programming.fingerprint(request.data_record)
        return service.WriteDataByIdentifierResponse(FINGERPRINT)

    def _security(self, request: service.RequestSeedRequest | service.SendKeyRequest) -> service.UDSResponse:
        if self.faults.security_denied:
            raise Refused(UDSErrorCodes.securityAccessDenied)
        if self._clock() < self._locked_until:
            raise Refused(UDSErrorCodes.requiredTimeDelayNotExpired)
        level = request.security_access_type
        if isinstance(request, service.RequestSeedRequest):
            if request.security_access_data_record:
                raise Refused(LENGTH_WRONG)
            # Zeros tell that it is open already.
            open_already = self.state.security_access_level == SEED_LEVEL
            self._seed = b"" if open_already else secrets.token_bytes(4)
            return service.SecurityAccessResponse(level, self._seed or bytes(4))
        seed, self._seed = self._seed, b""
        if not seed:
            raise Refused(SEQUENCE_ERROR)
        if request.security_key != key_of(seed, self.spec.secret):
            self._wrong_keys += 1
            if self._wrong_keys < MOST_WRONG_KEYS:
                raise Refused(UDSErrorCodes.invalidKey)
            self._wrong_keys, self._locked_until = 0, self._clock() + self.spec.lockout
            raise Refused(UDSErrorCodes.exceededNumberOfAttempts)
        self._wrong_keys = 0
        return service.SecurityAccessResponse(level)

    def _routine(self, request: service.StartRoutineRequest) -> service.UDSResponse:
        routine, option = request.routine_identifier, request.routine_control_option_record
        if routine == PRECONDITIONS:
            if self.faults.preconditions_refused:
                raise Refused(CONDITIONS_NOT_CORRECT)
            return service.StartRoutineResponse(routine)
        if routine not in (CHECKSUM, ERASE, DEPENDENCIES) or self.state.session != PROGRAMMING:
            raise Refused(OUT_OF_RANGE)
        self._need_key()
        if routine == ERASE:
            self._programming.erase(option)
            return service.StartRoutineResponse(routine, b"\0")
        if routine == CHECKSUM:
            good = self._programming.checksum(option, self.faults)
        elif option:
            raise Refused(LENGTH_WRONG)
        else:
            good = self._programming.dependencies(self.faults)
        return service.StartRoutineResponse(routine, b"\0" if good else b"\1")

    def _download(self, request: service.RequestDownloadRequest) -> service.UDSResponse:
        self._need_key()
        data_format = request.compression_method << 4 | request.encryption_method
        longest = self._programming.download(data_format, request.pdu[2:])
        return service.RequestDownloadResponse(longest, 0x20 if longest < 2**16 else 0x40)

    def _transfer(self, request: service.TransferDataRequest) -> service.UDSResponse:
        self._programming.transfer(request.block_sequence_counter, memoryview(request.pdu)[2:], self.faults)
        return service.TransferDataResponse(request.block_sequence_counter)

    def _need_key(self) -> None:
        if self.state.security_access_level != SEED_LEVEL:
            raise Refused(UDSErrorCodes.securityAccessDenied)


def _negative(request: service.UDSRequest, code: int) -> service.NegativeResponseBase:
    try:
        return service.NegativeResponse(request.service_id, UDSErrorCodes(code))
    except ValueError:  # a code that the standard does not know, on command
        return service.RawNegativeResponse(bytes([UDSIsoServices.NegativeResponse, request.service_id, code]))
