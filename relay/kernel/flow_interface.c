/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/flow_interface.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TC_PRIORITY 10000 /* behind whatever was put there on purpose */
#define TRYING      0x10000u /* in the handle of the filter that tries; the other one's is a port number */

static void copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

/* ---- what the interface is ---- */

static int ask_device(unsigned ifindex, unsigned long what, struct ifreq *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0 || !if_indextoname(ifindex, request->ifr_name) || ioctl(fd, what, request) != 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Tunnels and dial-up lines have packets that begin with the IP header; the programs would take its bytes for something else. */
static bool is_ethernet(unsigned ifindex)
{
	struct ifreq request = {0};

	return ask_device(ifindex, SIOCGIFHWADDR, &request) == 0 && request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
}

/* Where XDP's packets arrive only while the other end is set up for them, which may end at any time: not without being told to. */
static bool is_virtual(unsigned ifindex, char *name, size_t size)
{
	static const char *const drivers[] = {"veth", "bridge", "tun", "802.1Q VLAN Support", "dummy", "macvlan"};
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (void *)&info};

	if (ask_device(ifindex, SIOCETHTOOL, &request) != 0) {
		copy(name, size, "it does not tell its driver");
		return true;
	}
	snprintf(name, size, "a virtual interface (%.31s)", info.driver);
	for (unsigned i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(info.driver, drivers[i]) == 0)
			return true;
	return false;
}

/* ---- TC ---- */

static int attach_filter(unsigned ifindex, uint32_t handle, int program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = handle, .priority = TC_PRIORITY, .prog_fd = program, .flags = BPF_TC_F_REPLACE);
	int rc = bpf_tc_hook_create(&hook);

	return rc && rc != -EEXIST ? rc : bpf_tc_attach(&hook, &filter);
}

static int detach_filter(unsigned ifindex, uint32_t handle)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = handle, .priority = TC_PRIORITY);

	return bpf_tc_detach(&hook, &filter);
}

static bool has_name(uint32_t program, const char *name)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(program);
	bool has = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, name) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static bool sweep_one(unsigned ifindex, uint32_t handle, const char *name)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, left, .handle = handle, .priority = TC_PRIORITY);

	return bpf_tc_query(&hook, &left) == 0 && has_name(left.prog_id, name) && detach_filter(ifindex, handle) == 0;
}

bool flow_interface_sweep(unsigned ifindex, uint32_t handle)
{
	sweep_one(ifindex, handle | TRYING, "prove_tc");
	return sweep_one(ifindex, handle, "flow_tc");
}

/* ---- trying ---- */

static void begin_proof(struct flow_interface *i, struct flow_programs *p, enum proof_path path)
{
	i->proof = (struct proof){.ifindex = i->ifindex, .path = path};
	i->proving = proof_begin(p->prover, &i->proof) == 0;
}

static void end_proof(struct flow_interface *i, struct flow_programs *p)
{
	if (i->proving)
		proof_end(p->prover, &i->proof);
	if (i->trying_tc)
		detach_filter(i->ifindex, p->handle | TRYING);
	i->proving = i->trying_tc = false;
}

static void try_tc(struct flow_interface *i, struct flow_programs *p)
{
	if (!p->prover || attach_filter(i->ifindex, p->handle | TRYING, prover_program(p->prover, PROOF_TC)) != 0)
		return;
	i->trying_tc = true;
	begin_proof(i, p, PROOF_TC);
}

static const char *no_xdp_text(int rc)
{
	switch (rc) {
	case -EOPNOTSUPP:
		return "its driver has none";
	case -EBUSY:
	case -EEXIST:
		return "another program has it";
	default:
		return strerror(-rc);
	}
}

/* By the kernel alone, which is slower than TC; so only where XDP and nothing else is wanted. */
static bool may_be_generic(const struct flow_interface *i, const struct flow_programs *p)
{
	return i->wanted == FLOW_PATH_XDP && !p->native;
}

static int link_xdp(struct flow_interface *i, const struct flow_programs *p)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int program = prover_program(p->prover, PROOF_XDP), fd = -EOPNOTSUPP;

	if (!p->generic)
		fd = bpf_link_create(program, (int)i->ifindex, BPF_XDP, &options);
	if (fd < 0 && (errno == EOPNOTSUPP || p->generic) && may_be_generic(i, p)) {
		options.flags = XDP_FLAGS_SKB_MODE;
		i->generic = true;
		fd = bpf_link_create(program, (int)i->ifindex, BPF_XDP, &options);
	}
	return fd < 0 ? -errno : fd;
}

/* XDP's program is there, and forwards nothing yet. False: i->no_xdp says why not. */
static bool try_xdp(struct flow_interface *i, struct flow_programs *p)
{
	int rc;

	if (i->wanted == FLOW_PATH_AUTO && is_virtual(i->ifindex, i->no_xdp, sizeof(i->no_xdp)))
		return false;
	i->no_xdp[0] = '\0';
	if (!p->prover) {
		snprintf(i->no_xdp, sizeof(i->no_xdp), "it cannot be tried (CAP_NET_RAW): %.40s", strerror(-p->no_prover));
		return false;
	}
	rc = link_xdp(i, p);
	if (rc < 0) {
		copy(i->no_xdp, sizeof(i->no_xdp), no_xdp_text(rc));
		return false;
	}
	i->link = rc;
	*(i->generic ? &p->generic : &p->native) = true;
	begin_proof(i, p, PROOF_XDP);
	return true;
}

/* ---- attaching ---- */

static void settle(struct flow_interface *i, enum flow_path path, const char *failed)
{
	i->path = path;
	i->failed = failed;
	i->changed = true;
}

/* A relay before this one has forwarded by it. */
static bool inherit(struct flow_interface *i, struct flow_programs *p, int link)
{
	if (bpf_map_update_elem(p->devices, &i->ifindex, &i->ifindex, BPF_ANY) != 0) {
		close(link);
		return false;
	}
	i->link = link;
	i->inherited = p->native = true;
	settle(i, FLOW_PATH_XDP, NULL);
	return true;
}

bool flow_interface_attach(struct flow_interface *i, struct flow_programs *p, int link)
{
	bool inherited, trying;
	int rc;

	i->link = -1;
	sweep_one(i->ifindex, p->handle | TRYING, "prove_tc"); /* of one that was killed */
	if (!is_ethernet(i->ifindex)) {
		settle(i, FLOW_PATH_OFF, "its packets have no Ethernet header");
		return false;
	}
	if (i->wanted != FLOW_PATH_XDP) {
		rc = attach_filter(i->ifindex, p->handle, p->tc);
		i->tc = rc == 0;
		settle(i, rc ? FLOW_PATH_OFF : FLOW_PATH_TC, rc ? strerror(-rc) : NULL);
	}
	inherited = link >= 0 && inherit(i, p, link);
	trying = !inherited && i->wanted != FLOW_PATH_TC && try_xdp(i, p);
	if (!inherited && !trying && i->tc)
		try_tc(i, p);
	return inherited || trying || i->tc;
}

static void drop_link(struct flow_interface *i, const struct flow_programs *p)
{
	if (i->link < 0)
		return;
	bpf_map_delete_elem(p->devices, &i->ifindex);
	close(i->link);
	i->link = -1;
}

void flow_interface_detach(struct flow_interface *i, struct flow_programs *p, bool keep)
{
	end_proof(i, p);
	if (i->link >= 0)
		close(i->link);
	if (i->tc && !keep)
		detach_filter(i->ifindex, p->handle);
	i->link = -1;
	i->tc = false;
}

/* ---- what came of it ---- */

static void xdp_proven(struct flow_interface *i, struct flow_programs *p)
{
	int rc = 0;

	if (bpf_map_update_elem(p->devices, &i->ifindex, &i->ifindex, BPF_ANY) != 0 || bpf_link_update(i->link, p->xdp, NULL) != 0)
		rc = -errno;
	end_proof(i, p);
	if (!rc) {
		settle(i, FLOW_PATH_XDP, NULL);
		return;
	}
	drop_link(i, p);
	copy(i->no_xdp, sizeof(i->no_xdp), no_xdp_text(rc));
	settle(i, i->path, i->failed);
}

static void xdp_refuted(struct flow_interface *i, struct flow_programs *p)
{
	end_proof(i, p);
	drop_link(i, p);
	copy(i->no_xdp, sizeof(i->no_xdp), i->proof.why);
	settle(i, i->path, i->failed);
	if (i->tc)
		try_tc(i, p);
}

static void tc_refuted(struct flow_interface *i, struct flow_programs *p)
{
	end_proof(i, p);
	detach_filter(i->ifindex, p->handle);
	i->tc = false;
	settle(i, FLOW_PATH_OFF, i->proof.why);
}

static void tc_proven(struct flow_interface *i, struct flow_programs *p)
{
	end_proof(i, p);
	settle(i, FLOW_PATH_TC, NULL);
}

void flow_interface_look(struct flow_interface *i, struct flow_programs *p, uint64_t now)
{
	bool xdp = i->proof.path == PROOF_XDP;

	if (!i->proving)
		return;
	switch (proof_look(p->prover, &i->proof, now)) {
	case PROOF_GOOD:
		(xdp ? xdp_proven : tc_proven)(i, p);
		break;
	case PROOF_BAD:
		(xdp ? xdp_refuted : tc_refuted)(i, p);
		break;
	case PROOF_OPEN:
		break;
	}
}

bool flow_interface_expects(const struct flow_interface *i)
{
	return i->proving && proof_expects(&i->proof);
}

/* ---- in words ---- */

static const char *open_question(const struct proof *proof)
{
	return proof->why ? proof->why : "no answer yet";
}

/* How sure is what is in force? */
static void certainty(const struct flow_interface *i, char *to, size_t size)
{
	char with[ADDRESS_TEXT_MAX] = "";

	if (i->proof.with.family)
		address_format(&i->proof.with, with);
	if (i->inherited)
		copy(to, size, "as before");
	else if (!i->proving && with[0])
		snprintf(to, size, "proven with %s", with);
	else if (i->proving && i->proof.path == PROOF_TC)
		snprintf(to, size, "expected to work, not proven yet: %s", open_question(&i->proof));
	else
		copy(to, size, "expected to work");
}

static void text_of_user_space(const struct flow_interface *i, char *to, size_t size)
{
	if (i->failed)
		snprintf(to, size, "in user space: %s", i->failed);
	else if (i->proving)
		snprintf(to, size, "in user space until XDP is proven: %s", open_question(&i->proof));
	else
		snprintf(to, size, "in user space: no XDP: %s", i->no_xdp);
}

void flow_interface_text(const struct flow_interface *i, char to[FLOW_INTERFACE_TEXT_MAX])
{
	const char *way = i->path == FLOW_PATH_TC ? "tc" : i->generic ? "xdp, generic" : "xdp";
	char sure[120], xdp[120] = "";

	if (i->path == FLOW_PATH_OFF) {
		text_of_user_space(i, to, FLOW_INTERFACE_TEXT_MAX);
		return;
	}
	certainty(i, sure, sizeof(sure));
	if (i->no_xdp[0])
		snprintf(xdp, sizeof(xdp), "; no XDP: %s", i->no_xdp);
	else if (i->proving && i->proof.path == PROOF_XDP)
		snprintf(xdp, sizeof(xdp), "; XDP is not proven yet: %s", open_question(&i->proof));
	snprintf(to, FLOW_INTERFACE_TEXT_MAX, "by the kernel (%s), %s%s", way, sure, xdp);
}
