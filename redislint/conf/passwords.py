"""Passwords that are easy to guess.

Passwords are compared here, within the process, and never leave it: the result is one bit,
which tells neither the length nor which of the reasons it was.
"""

from __future__ import annotations

import math
import re
from functools import cache

LEAST_BITS = 64
"""A server answers some hundred thousand AUTH a second and has no lock-out: 64 bits take
longer than anybody waits. What is computed is the most that a text of these characters can
hold, so a password below it is weak whatever made it."""

LEAST_DIFFERENT = 5
"""Fewer different characters than this are a pattern (`aaaaaaaaaaaaaaaaaaaa`)."""

SAMPLES = frozenset((
    "foobared", "foobar", "redis", "redis123", "redispass", "redispassword", "password",
    "password1", "password123", "passw0rd", "p@ssw0rd", "changeme", "change_me", "secret",
    "supersecret", "mysecret", "mypassword", "mypass", "yourpassword", "your_password",
    "yourstrongpassword", "strongpassword", "str0ng_passw0rd", "admin", "admin123", "root",
    "test", "test123", "testpass", "dev", "default", "example", "guest", "letmein", "qwerty",
    "123456", "12345678", "123456789", "1234567890", "hunter2", "abc123", "auth", "pass",
    "p1pp0", "sentinel", "master", "valkey", "valkey123", "cache", "bitnami", "docker",
))  # fmt: skip
"""Passwords of the servers' sample file, of documentation and of public files."""

_WORDS = (
    "a abc admin another api app at auth backend bitnami cache change changed changeit changethis "
    "complex cluster common company database db default demo dev development docker docs dummy "
    "edit enter env example fake foo foobar foobared for generate generated good guest have hello "
    "here host in insecure insert is it key letmein local localhost long longer make master me "
    "must my mypass new node not of one only or pass passphrase passwd password placeholder "
    "please private prod production put pwd pw qwerty random real redis redislabs replace replica "
    "root safe sample secret secure secured securely sentinel server service set session shared "
    "should slave some staging stack string strong strongest super temp temporary test testing "
    "the this to todo token try user username valkey value very web welcome with word world your "
    "yours"
)
WORDS = frozenset(_WORDS.split())
"""Words that sample passwords are put together from: `Your-Very-Strong-Password_2024!`."""

_LONGEST_WORD = max(map(len, WORDS))
_LETTERS_FOR = str.maketrans("0134578@$!", "oleastbasi")
_LONGEST = 128
"""No text made of sample words is longer; looking at the words of one takes quadratic time."""


def is_weak(password: bytes) -> bool:
    """Whether a password is a known sample, is put together from words of samples, or holds
    too little to resist guessing."""
    text = password.decode("utf-8", "replace")
    if len(set(text)) < LEAST_DIFFERENT or _bits(text) < LEAST_BITS:
        return True
    return text.lower() in SAMPLES or _is_sample_words(text)


def is_sample_hash(digest: bytes) -> bool:
    """Whether a SHA-256 hash (64 hexadecimal digits) is that of a known sample."""
    return digest.lower() in _sample_hashes()


@cache
def _sample_hashes() -> frozenset[bytes]:
    from hashlib import sha256

    spelled = {form for word in SAMPLES for form in (word, word.capitalize(), word.upper())}
    return frozenset(sha256(word.encode()).hexdigest().encode("ascii") for word in spelled)


def _bits(text: str) -> float:
    """The most that a text of these kinds of characters can hold."""
    kinds = (("[a-z]", 26), ("[A-Z]", 26), ("[0-9]", 10), ("[^a-zA-Z0-9]", 33))
    alphabet = sum(size for pattern, size in kinds if re.search(pattern, text))
    return len(text) * math.log2(alphabet) if alphabet else 0.0


def _is_sample_words(text: str) -> bool:
    """Whether nothing but sample words is left once digits and punctuation around them are
    gone, letters written as digits read as letters."""
    if len(text) > _LONGEST:
        return False
    lower = text.lower()
    plain = re.sub(r"[^a-z]", "", lower)
    leet = re.sub(r"[^a-z]", "", lower.rstrip("0123456789!@#$%").translate(_LETTERS_FOR))
    mostly = len(plain) * 2 >= len(text)  # digits at the end must not outweigh the words
    return (mostly and _made_of_words(plain)) or _made_of_words(leet)


def _made_of_words(text: str) -> bool:
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(
            start in ends and text[start:end] in WORDS for start in range(max(end - 12, 0), end)
        ):
            ends.add(end)
    return bool(text) and len(text) in ends
