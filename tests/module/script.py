# SPDX-License-Identifier: GPL-2.0-or-later
"""The Kamailio script of the tests: an OPTIONS with X-Do calls a function of the module and is told what it said; INVITEs
are routed and hunted as the manual says; REGISTERs are stored."""

VALUES = ("verdict rule promise reason code group dialled caller final ring_s hunt busy_in_call device source "
          "path path_reason relay_set media_flags answer_flags media_code media_refusal").split()
SHOWN = "|".join(f"{name}=$aeta({name})" for name in VALUES)

HEAD = """#!KAMAILIO
debug=2
log_stderror=yes
children={children}
auto_aliases=no
listen=udp:127.0.0.1:5060
disable_tcp=yes
fork=yes
max_branches=30
mpath="{mpath}"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "rr.so"
loadmodule "path.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "jsonrpcs.so"
loadmodule "ctl.so"
loadmodule "{driver}.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "aeta.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{folder}/rpc.sock")
modparam("ctl", "binrpc", "unix:{folder}/ctl.sock")
modparam("usrloc", "db_mode", 0)
modparam("tm", "fr_timer", 1500)
modparam("tm", "fr_inv_timer", 8000)
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("registrar", "received_avp", "$avp(RECEIVED)")
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("aeta", "db_url", "{db_url}")
{extra}
"""

ROUTES = """
request_route {
    if (is_method("REGISTER")) { route(REGISTER); }
    if (is_method("OPTIONS") && is_present_hf("X-Do")) { route(DO); }
    if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
    if (is_method("ACK")) { t_check_trans(); exit; }
    if (is_method("INVITE")) { route(CALL); }
    exit;
}

route[REGISTER] {
    fix_nated_register();
    $var(owner) = -9; $var(device) = -9;
    aeta_owner("$tU"); $var(owner) = $rc;
    if ($hdr(X-Only) == "owner") { sl_send_reply("200", "owner $var(owner)"); exit; }
    aeta_device("$tU"); $var(device) = $rc;
    append_to_reply("X-Owner: $var(owner)\\r\\nX-Device: $var(device)\\r\\nX-Id: $aeta(device)\\r\\n");
    if ($hdr(X-Save) == "aeta") { aeta_save("4"); exit; }
    save("location", "0x04");
    exit;
}

# What is tested: a function by its name, with the headers X-A and X-B and X-C as parameters
route[DO] {
    $var(r) = -99;
    switch ($hdr(X-Do)) {
    case "route": aeta_route("$hdr(X-A)", "$hdr(X-B)"); $var(r) = $rc; break;
    case "route1": aeta_route("$hdr(X-A)"); $var(r) = $rc; break;
    case "route0":
        if (!pv_proxy_authenticate("aeta", "secret", "0")) { proxy_challenge("aeta", "0"); exit; }
        aeta_route(); $var(r) = $rc; break;
    case "originate": aeta_may_originate("$hdr(X-A)"); $var(r) = $rc; break;
    case "register": aeta_may_register("$hdr(X-A)"); $var(r) = $rc; break;
    case "verdict": aeta_verdict("$hdr(X-A)"); $var(r) = $rc; break;
    case "flow": aeta_flow("$hdr(X-A)"); $var(r) = $rc; break;
    case "flow2": aeta_flow("$hdr(X-A)", "$hdr(X-B)"); $var(r) = $rc; break;
    case "hunt":
        aeta_route("$hdr(X-A)", "$hdr(X-B)");
        aeta_hunt_next(); $var(r) = $rc; break;
    case "skip":
        aeta_route("$hdr(X-A)", "$hdr(X-B)");
        aeta_hunt_next();
        $var(first) = $aeta(final);
        aeta_hunt_skip("$hdr(X-C)");
        $var(again) = $rc;
        aeta_hunt_skip("$hdr(X-C)");
        $var(twice) = $rc;
        aeta_hunt_next(); $var(r) = $rc; break;
    case "answer":
        aeta_route("$hdr(X-A)", "$hdr(X-B)");
        aeta_hunt_next();
        aeta_hunt_answer("$(hdr(X-C){s.int})", "$(hdr(X-T){s.int})", "$(hdr(X-P){s.int})"); $var(r) = $rc; break;
    case "media":
        if ($hdr(X-Trusted) == "1") { aeta_guard("1"); }
        aeta_route("$hdr(X-A)", "$hdr(X-B)");
        aeta_media(); $var(r) = $rc; break;
    case "hunt-media":
        aeta_route("$hdr(X-A)", "$hdr(X-B)");
        aeta_hunt_next();
        aeta_media(); $var(r) = $rc; break;
    case "media-alone": aeta_media(); $var(r) = $rc; break;
    case "heard":
        $var(a) = $hdr(X-A); $var(b) = $hdr(X-B); $var(c) = $hdr(X-C); $var(d) = $hdr(X-D); $var(e) = $hdr(X-E);
        aeta_media_heard("$var(a)", "$var(b)", "$var(c)", "$var(d)", "$var(e)"); $var(r) = $rc; break;
    case "next": aeta_hunt_next(); $var(r) = $rc; break;
    }
    append_to_reply("X-Return: $var(r)\\r\\nX-Values: SHOWN\\r\\nX-Du: $du\\r\\nX-Ru: $ru\\r\\nX-Fs: $fs\\r\\n");
    append_to_reply("X-First: $var(first)\\r\\nX-Skip: $var(again),$var(twice)\\r\\n");
    sl_send_reply("299", "Done");
    exit;
}

route[CALL] {
    t_check_trans();
    if ($hdr(X-Caller) != $null) { aeta_route("$hdr(X-Caller)"); } else { aeta_route("$fU"); }
    switch ($rc) {
    case 1: $rU = $aeta(final); route(FIND); break;
    case 2: route(HUNT); break;
    case -1: t_reply("$aeta(code)", "$aeta(reason)"); exit;
    default: t_reply("500", "No verdict"); exit;
    }
    exit;
}

route[HUNT] {
    aeta_hunt_next();
    if ($rc != 1) {
        if ($rc == -1) { t_reply("$aeta(code)", "$aeta(reason)"); } else { t_reply("500", "No verdict"); }
        exit;
    }
    route(FIND);
}

route[FIND] {
    if (!lookup("location")) { aeta_verdict("not-registered"); t_reply("$aeta(code)", "$aeta(reason)"); exit; }
    t_set_fr("1500", "1500");
    resetflag(5);
    t_on_branch("OUT");
    t_on_reply("BACK");
    t_on_failure("FAILED");
    if (!t_relay()) { t_reply("500", "Relay"); }
    exit;
}

branch_route[OUT] {
    if ($hdr(X-Media) == "1") { aeta_media(); }
    append_hf("X-Branch: $aeta(verdict) $aeta(rule) $aeta(caller) $aeta(dialled) $aeta(final)\\r\\n");
}

onreply_route[BACK] {
    if (status =~ "1[1-9][0-9]" && !isflagset(5)) {
        setflag(5);
        $var(ring) = $aeta(ring_s) * 1000;
        if ($aeta(hunt) != "") { t_set_fr("$var(ring)"); }
    }
    aeta_media_answer();
    if ($rc != 1) { append_hf("X-Contradicts: 1\\r\\n"); }
    append_hf("X-Reply: $aeta(verdict) $aeta(rule) $aeta(final)\\r\\n");
}

failure_route[FAILED] {
    if (t_is_canceled()) { exit; }
    xlog("L_NOTICE", "failure: $aeta(verdict) $aeta(rule) $aeta(final) hunt=$aeta(hunt) status=$T_reply_code\\n");
    if ($aeta(hunt) == "") { exit; }
    $var(timeout) = 0; $var(ringing) = 0;
    if (t_branch_timeout()) { $var(timeout) = 1; }
    if (isflagset(5)) { $var(ringing) = 1; }
    aeta_hunt_answer("$T_reply_code", "$var(timeout)", "$var(ringing)");
    switch ($rc) {
    case 1: route(HUNT); break;
    case -2: t_reply("$aeta(code)", "$aeta(reason)"); break;
    }
}
""".replace("SHOWN", SHOWN)

KEMI_PYTHON = '''
import KSR

VALUES = %r


def parameters():
    found = [KSR.pv.get(f"$hdr({name})") for name in ("X-A", "X-B", "X-C", "X-D", "X-E")]
    return [p for p in found if p is not None]


def call(what, given):
    if what in ("hunt_next", "hunt_skip", "hunt_answer"):
        KSR.aeta.route_for(*given[:2])
        rc = KSR.aeta.hunt_next()
        if what == "hunt_skip":
            rc = KSR.aeta.hunt_skip(given[2])
        if what == "hunt_answer":
            rc = KSR.aeta.hunt_answer(int(given[2]), 0, 0)
        return rc
    if what == "save":
        return KSR.aeta.save(int(given[0]))
    if what.startswith("guard"):
        given = [int(number) for number in given]
    return getattr(KSR.aeta, what)(*given)


class Script:
    def child_init(self, rank):
        return 0

    def ksr_request_route(self, msg):
        given = parameters()
        if KSR.pv.get("$hdr(X-Auth)") and KSR.auth_db.auth_check("aeta", "subscriber", 1) < 0:
            KSR.auth.auth_challenge("aeta", 0)
            return 1
        rc = call(KSR.pv.get("$hdr(X-Do)"), given)
        values = "|".join(f"{name}={KSR.pv.getw('$aeta(' + name + ')')}" for name in VALUES)
        KSR.hdr.append_to_reply(f"X-Return: {rc}\\r\\nX-Values: {values}\\r\\nX-Du: {KSR.pv.getw('$du')}\\r\\n")
        KSR.sl.send_reply(299, "Done")
        return 1


def mod_init():
    return Script()
''' % VALUES


def native(driver="db_mysql", db_url="", extra="", children=2):
    head = HEAD.replace("{driver}", driver).replace("{db_url}", db_url).replace("{extra}", extra)
    return head.replace("{children}", str(children)) + ROUTES


def kemi(db_url):
    extra = ('loadmodule "app_python3.so"\nmodparam("app_python3", "load", "{folder}/kemi.py")\n'
             'loadmodule "auth_db.so"\nmodparam("auth_db", "db_url", "{db_url}")\nmodparam("auth_db", "calculate_ha1", 0)\n'
             'modparam("auth_db", "password_column", "ha1")\ncfgengine "python"\n')
    return HEAD.replace("{driver}", "db_mysql").replace("{extra}", extra).replace("{db_url}", db_url).replace("{children}", "2")
