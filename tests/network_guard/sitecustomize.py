"""Refuses connections beyond this machine, in every process that has this folder on its path.

Notebooks under test must run without a network: what they fetch, they fetch on request alone.
"""

import ipaddress
import socket

_connect, _connect_ex, _sendto, _getaddrinfo = (
    socket.socket.connect,
    socket.socket.connect_ex,
    socket.socket.sendto,
    socket.getaddrinfo,
)


def _is_loopback(host):
    if host in ("", None, "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_unless_local(sock, address):
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
        raise PermissionError(f"the network is blocked in tests: {address[0]}")


def connect(self, address):
    _refuse_unless_local(self, address)
    return _connect(self, address)


def connect_ex(self, address):
    _refuse_unless_local(self, address)
    return _connect_ex(self, address)


def sendto(self, data, *flags_and_address):
    _refuse_unless_local(self, flags_and_address[-1])
    return _sendto(self, data, *flags_and_address)


def getaddrinfo(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if not _is_loopback(name):
        raise PermissionError(f"the network is blocked in tests: {name}")
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.connect = connect
socket.socket.connect_ex = connect_ex
socket.socket.sendto = sendto
socket.getaddrinfo = getaddrinfo
