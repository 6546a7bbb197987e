"""Which passwords are easy to guess, and that nothing of one gets out."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest

from redislint.conf.passwords import SAMPLES, is_sample_hash, is_weak

WEAK = (
    b"", b"a", b"foobared", b"FooBared", b"P@ssw0rd123", b"Your-Very-Strong-Password_2024!",
    b"change_me_in_production", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", b"12345678901234567890"[:19],
    b"redis-password-secret-2023", b"abababababababababababab",
)  # fmt: skip

STRONG = (
    b"5e2b8b0f4c6d41d3a7f9e0c1b2a39488", b"9f4c1b7e02aa51d06a3c", b"kX9#mQ2$vL7!",
    b"correct horse battery staple", b"Tr0ub4dor&3-zebra", b"\xff\xfe\xfd\xfc\xfb\x00ab%Qz9",
)  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_weak(password: bytes) -> None:
    assert is_weak(password)


@pytest.mark.parametrize("password", STRONG)
def test_strong(password: bytes) -> None:
    assert not is_weak(password)


def test_every_sample_is_weak_as_text_and_as_hash() -> None:
    for sample in SAMPLES:
        assert is_weak(sample.encode())
        for form in (sample, sample.capitalize(), sample.upper()):
            digest = sha256(form.encode()).hexdigest().encode()
            assert is_sample_hash(digest)
            assert is_sample_hash(digest.upper())


def test_another_hash_is_no_sample() -> None:
    assert not is_sample_hash(sha256(b"5e2b8b0f4c6d41d3a7f9").hexdigest().encode())
    assert not is_sample_hash(b"")


def test_a_long_text_takes_no_time() -> None:
    begun = time.monotonic()
    assert not is_weak(b"secretpassword" * 100_000 + b"zq")
    assert time.monotonic() - begun < 2
