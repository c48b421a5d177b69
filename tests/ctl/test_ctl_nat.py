# SPDX-License-Identifier: GPL-2.0-or-later
"""aetactl nat on rows of its own: the words. What Kamailio writes there is tests/nat's."""
import pytest

FLOW, PORT, ADDRESS_TRIED, ADDRESS, AFTER, PORT_MOVED, NO_NAT, ALG = (1 << bit for bit in (1, 2, 5, 6, 10, 3, 0, 14))


@pytest.fixture
def nats(radio):
    """aetactl with group 4567 and a number; note(...) writes a row."""
    radio.ok("number", "allocate", 4567, 1)
    radio.server.sql("DELETE FROM aeta_nat_class; DELETE FROM aeta_nat_off")

    def note(cls, evidence, address="203.0.113.7", stun="unknown", asked="'2026-01-05 10:00:00'"):
        radio.server.sql("INSERT INTO aeta_nat_class (account, address, class, evidence, stun, checked_at, changed_at) VALUES "
                         f"('45675001', '{address}', '{cls}', {evidence}, '{stun}', {asked}, '2026-01-05 10:00:00')")
    radio.note = note
    return radio


def test_nothing_is_known(nats):
    shown = nats.ok("nat", "45675001")
    assert shown["addresses"] == [] and shown["asked"] is True
    assert shown["now"].startswith("where it is registered was not asked")


@pytest.mark.parametrize("cls, words", [
    ("open", "behind no NAT"), ("eim", "behind a NAT that STUN can cross"), ("changed", "behind a symmetric NAT (mobile network)"),
    ("walled", "behind a firewall that lets it talk to this service alone"), ("leaky", "behind a NAT that changes its port"),
    ("unknown", "not known")])
def test_each_class_in_words(nats, cls, words):
    nats.note(cls, FLOW)
    row, = nats.ok("nat", "45675001")["addresses"]
    assert (row["class"], row["address"], row["asked_at"]) == (cls, "203.0.113.7", "2026-01-05 10:00:00")
    assert row["means"].startswith(words) and row["follows"].startswith("its calls are ")


def test_evidence_in_words(nats):
    nats.note("changed", FLOW | PORT_MOVED | ADDRESS_TRIED, stun="yes")
    row, = nats.ok("nat", "45675001")["addresses"]
    assert row["evidence"] == ["it answers OPTIONS", "answers to another port come from another port",
                               "it was asked to answer to a second address of the service"]
    assert row["stun"] == "yes" and row["advice"] == ""


def test_one_address_is_said(nats):
    nats.note("open", NO_NAT | FLOW | PORT | AFTER)
    assert "one address only" in nats.ok("nat", "45675001")["addresses"][0]["evidence"][-1]
    nats.note("open", NO_NAT | FLOW | PORT | AFTER | ADDRESS_TRIED | ADDRESS, address="203.0.113.8")
    rows = nats.ok("nat", "45675001")["addresses"]
    assert [("one address only" in row["evidence"][-1]) for row in sorted(rows, key=lambda r: r["address"])] == [True, False]


@pytest.mark.parametrize("evidence, advice", [(NO_NAT | ALG, "port 5070"), (0, "OPTIONS"), (FLOW, "")])
def test_advice(nats, evidence, advice):
    nats.note("unknown", evidence)
    said = nats.ok("nat", "45675001")["addresses"][0]["advice"]
    assert advice in said and bool(said) == bool(advice)


def test_what_was_never_asked_gets_no_advice(nats):
    nats.note("unknown", 0, asked="NULL")
    assert nats.ok("nat", "45675001")["addresses"][0]["advice"] == ""


def test_the_switch(nats):
    nats.ok("nat", "off", "45675001")
    nats.ok("nat", "off", "45675001")
    assert nats.ok("nat", "45675001")["asked"] is False
    nats.ok("nat", "on", "45675001")
    assert nats.ok("nat", "45675001")["asked"] is True
