# SPDX-License-Identifier: GPL-2.0-or-later
def test_loads_and_knows_the_directory(kamailio):
    stats = kamailio.rpc("aeta.stats")
    assert stats["groups"] == 3 and stats["exceptions"] >= 1 and stats["generation"] >= 1
