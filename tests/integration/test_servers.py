"""The servers that tests start for themselves do work, and leave nothing behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.servers.needs import need_program
from tests.servers.postgres import PostgresCluster, running_postgres
from tests.servers.process import ServerFailed
from tests.servers.ssh_server import SshServer, running_sshd


def libpq(url: str) -> str:
    return url.replace("+psycopg", "")


def new_key() -> paramiko.PKey:
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text.decode()))


def public_line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


@contextmanager
def connected(server: SshServer, key: paramiko.PKey, known_hosts: Path) -> Iterator[paramiko.SSHClient]:
    known_hosts.write_text(server.host_key_line() + "\n")
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(known_hosts))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            server.host,
            server.port,
            server.user,
            pkey=key,
            allow_agent=False,
            look_for_keys=False,
            timeout=10,
        )
        yield client


@pytest.mark.postgres
class TestPostgres:
    def test_a_database_answers_over_loopback(self, postgres_url: str) -> None:
        with psycopg.connect(libpq(postgres_url)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert postgres_url.startswith("postgresql+psycopg://owner:")

    @pytest.mark.parametrize("turn", [1, 2])
    def test_every_test_gets_an_empty_database(self, postgres_url: str, turn: int) -> None:
        with psycopg.connect(libpq(postgres_url)) as connection:
            connection.execute("CREATE TABLE car (vin text)")
            assert connection.execute("SELECT count(*) FROM car").fetchone() == (0,), turn

    def test_a_prepared_database_is_prepared_once_and_copied(self, postgres_cluster: PostgresCluster) -> None:
        prepared: list[str] = []

        def prepare(url: str) -> None:
            prepared.append(url)
            with psycopg.connect(libpq(url)) as connection:
                connection.execute("CREATE TABLE car AS SELECT 'LSV' AS wmi")

        for _ in range(2):
            name = postgres_cluster.database(template=postgres_cluster.template("one-car", prepare))
            with psycopg.connect(libpq(postgres_cluster.url(name))) as connection:
                assert connection.execute("SELECT wmi FROM car").fetchone() == ("LSV",)
            postgres_cluster.drop(name)
        assert len(prepared) == 1

    def test_a_wrong_password_is_refused(self, postgres_cluster: PostgresCluster) -> None:
        wrong = libpq(postgres_cluster.url("postgres")).replace(postgres_cluster.password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong, connect_timeout=5)

    def test_nothing_is_left_after_the_stop(self) -> None:
        with running_postgres() as cluster:
            assert (cluster.folder / "data").is_dir()
        assert cluster.process.poll() is not None
        assert not cluster.folder.exists()


@pytest.mark.ssh
class TestSshServer:
    def test_a_key_with_a_forced_command_gets_that_command_only(
        self, sshd: SshServer, tmp_path: Path
    ) -> None:
        key = new_key()
        sshd.authorise(public_line(key), "restrict", 'command="echo asked: $SSH_ORIGINAL_COMMAND"')
        with connected(sshd, key, tmp_path / "known_hosts") as client:
            _, out, _ = client.exec_command("rm -rf everything", timeout=10)
            assert out.read() == b"asked: rm -rf everything\n"
            assert out.channel.recv_exit_status() == 0

    def test_an_unknown_key_is_refused(self, sshd: SshServer, tmp_path: Path) -> None:
        sshd.authorise(public_line(new_key()), "restrict")
        with (
            pytest.raises(paramiko.AuthenticationException),
            connected(sshd, new_key(), tmp_path / "known_hosts"),
        ):
            pytest.fail("a key that nobody authorised was let in")

    def test_nothing_is_left_after_the_stop(self) -> None:
        need_program("OpenSSH's server", "openssh-server", "sshd")
        with running_sshd() as server:
            assert (server.folder / "host_key").is_file()
        assert server.process.poll() is not None
        assert not server.folder.exists()

    def test_a_server_that_cannot_start_shows_its_log(self) -> None:
        with pytest.raises(ServerFailed, match="Bad configuration option: NoSuchWord"):
            running_sshd(["NoSuchWord yes"]).__enter__()
