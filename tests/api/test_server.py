"""Listening: a clear sentence instead of a traceback."""

import pytest

from overround.api.server import listen
from overround.errors import ConfigError


def test_a_free_port_is_taken_on_request():
    """Port 0 lets the machine choose."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_a_port_in_use_is_named():
    """The one sentence an operator needs."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigError, match=f"{port} is in use"):
            listen("127.0.0.1", port)


def test_a_host_of_another_machine_is_refused():
    """192.0.2.1 is nobody's address."""
    with pytest.raises(ConfigError, match="cannot listen on"):
        listen("192.0.2.1", 0)
