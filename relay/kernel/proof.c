/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/proof.h"

#include "kernel/neighbours.h"
#include "kernel/netlink.h"
#include "kernel/proof_abi.h"
#include "proof.skel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE   100000u   /* µs: an answer on a link takes 1 ms at most, but the machine may be busy */
#define SOON_TRIES 10        /* so many at most, one a second; after that ... */
#define LATER      10000000u /* µs: ... one each */
#define SECOND     1000000u
#define REFUTED    3         /* so many times the neighbour has answered us, and not what the program sent: it does not send */
#define ARP_REQUEST 1
#define ND_SOLICITATION 135

struct prover {
	struct proof_bpf *programs;
	struct netlink netlink;
	int packets;
};

struct prover *prover_new(int *rc)
{
	struct prover *p = calloc(1, sizeof(*p));
	int opened;

	*rc = -ENOMEM;
	if (!p)
		return NULL;
	p->packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	*rc = p->packets < 0 ? -errno : 0;
	opened = netlink_open(&p->netlink, NETLINK_ROUTE);
	if (!*rc)
		*rc = opened;
	if (!*rc && !(p->programs = proof_bpf__open_and_load()))
		*rc = -errno;
	if (!*rc)
		return p;
	prover_free(p);
	return NULL;
}

void prover_free(struct prover *p)
{
	if (!p)
		return;
	proof_bpf__destroy(p->programs);
	if (p->packets >= 0)
		close(p->packets);
	netlink_close(&p->netlink);
	free(p);
}

int prover_program(const struct prover *p, enum proof_path path)
{
	return bpf_program__fd(path == PROOF_XDP ? p->programs->progs.prove_xdp : p->programs->progs.prove_tc);
}

int proof_begin(struct prover *p, struct proof *proof)
{
	const struct proof_question idle = {.stage = PROOF_IDLE};

	if (bpf_map_update_elem(bpf_map__fd(p->programs->maps.proof_questions), &proof->ifindex, &idle, BPF_ANY) != 0)
		return -errno;
	if (proof->path == PROOF_XDP &&
		bpf_map_update_elem(bpf_map__fd(p->programs->maps.proof_devices), &proof->ifindex, &proof->ifindex, BPF_ANY) != 0)
		return -errno;
	proof->routers = neighbours_resolve_routers(&p->netlink, proof->ifindex);
	return 0;
}

void proof_end(struct prover *p, const struct proof *proof)
{
	bpf_map_delete_elem(bpf_map__fd(p->programs->maps.proof_questions), &proof->ifindex);
	bpf_map_delete_elem(bpf_map__fd(p->programs->maps.proof_devices), &proof->ifindex);
}

/* ---- the question ---- */

/* The address by which this machine speaks to that one. */
static int own_address(unsigned ifindex, const struct address *to, struct address *own)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} name = {0};
	socklen_t length = to->family == 6 ? sizeof(name.v6) : sizeof(name.v4);
	int fd = socket(to->family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (to->family == 6) {
		name.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_scope_id = ifindex};
		memcpy(&name.v6.sin6_addr, to->bytes, 16);
	} else {
		name.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(9)};
		memcpy(&name.v4.sin_addr, to->bytes, 4);
	}
	if (fd < 0 || connect(fd, &name.any, length) != 0 || getsockname(fd, &name.any, &length) != 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	*own = (struct address){.family = to->family};
	if (to->family == 6)
		memcpy(own->bytes, &name.v6.sin6_addr, 16);
	else
		memcpy(own->bytes, &name.v4.sin_addr, 4);
	return rc;
}

static int own_mac(unsigned ifindex, uint8_t mac[6])
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0 || !if_indextoname(ifindex, request.ifr_name) || ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	return rc;
}

static uint16_t sum16(const uint8_t *b, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(b[i] << 8 | b[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void write_arp(struct proof_question *q, const struct address *from, const struct neighbour *to, const uint8_t mac[6])
{
	static const uint8_t start[] = {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, ARP_REQUEST};

	q->length = PROOF_ARP;
	memcpy(q->frame + PROOF_PROTOCOL, start, sizeof(start));
	memcpy(q->frame + PROOF_ARP_FROM - 6, mac, 6);
	memcpy(q->frame + PROOF_ARP_FROM, from->bytes, 4);
	memcpy(q->frame + PROOF_ARP_TO, to->address.bytes, 4);
}

/* Without the option that has our link address: the neighbour has it, or asks. */
static void write_nd(struct proof_question *q, const struct address *from, const struct neighbour *to)
{
	static const uint8_t start[] = {0x86, 0xdd, 0x60, 0, 0, 0, 0, 24, IPPROTO_ICMPV6, 255};
	uint16_t sum;

	q->length = PROOF_ND;
	memcpy(q->frame + PROOF_PROTOCOL, start, sizeof(start));
	memcpy(q->frame + PROOF_ND_FROM, from->bytes, 16);
	memcpy(q->frame + PROOF_ND_TO, to->address.bytes, 16);
	q->frame[PROOF_ND_TYPE] = ND_SOLICITATION;
	memcpy(q->frame + PROOF_ND_TARGET, to->address.bytes, 16);
	sum = (uint16_t)~sum16(q->frame + PROOF_ND_FROM, PROOF_ND - PROOF_ND_FROM, IPPROTO_ICMPV6 + 24);
	q->frame[PROOF_ND_TYPE + 2] = (uint8_t)(sum >> 8);
	q->frame[PROOF_ND_TYPE + 3] = (uint8_t)sum;
}

static int send_question(const struct prover *p, const struct proof *proof, const struct proof_question *q)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)proof->ifindex, .sll_halen = 6};

	return sendto(p->packets, q->frame, q->length, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

static int ask(const struct prover *p, struct proof *proof, const struct neighbour *n, uint64_t now)
{
	struct proof_question q = {.stage = PROOF_ASKED, .until_ns = (now + PATIENCE) * 1000};
	uint8_t *mac = q.frame + PROOF_MAC_FROM;
	struct address own;
	int rc = own_mac(proof->ifindex, mac);

	if (!rc)
		rc = own_address(proof->ifindex, &n->address, &own);
	if (rc)
		return rc;
	memcpy(q.frame, n->mac, 6);
	if (n->address.family == 6)
		write_nd(&q, &own, n);
	else
		write_arp(&q, &own, n, mac);
	if (bpf_map_update_elem(bpf_map__fd(p->programs->maps.proof_questions), &proof->ifindex, &q, BPF_EXIST) != 0)
		return -errno;
	return send_question(p, proof, &q);
}

/* ---- what comes of it ---- */

static enum proof_result judge(struct proof *proof, enum proof_stage stage)
{
	static const char *const missing[] = {[PROOF_IDLE] = "nothing was asked", [PROOF_ASKED] = "no neighbour's answer came in by it",
		[PROOF_SENT] = "what it sends back does not arrive", [PROOF_REDIRECTED] = "what it redirects does not arrive"};

	if (stage == PROOF_DONE)
		return PROOF_GOOD;
	proof->why = missing[stage];
	if (stage >= PROOF_SENT)
		proof->refuted++;
	return proof->refuted >= REFUTED ? PROOF_BAD : PROOF_OPEN;
}

static enum proof_stage stage_of(const struct prover *p, const struct proof *proof)
{
	struct proof_question q;

	return bpf_map_lookup_elem(bpf_map__fd(p->programs->maps.proof_questions), &proof->ifindex, &q) == 0 ? q.stage : PROOF_IDLE;
}

/* Some may have left long ago, so that each try is with the next one. */
static void ask_next(struct prover *p, struct proof *proof, uint64_t now)
{
	struct neighbour known[NEIGHBOURS_MAX];
	unsigned count = neighbours_list(&p->netlink, proof->ifindex, known);
	const struct neighbour *n = &known[count ? proof->tries % count : 0];

	if (count == 0) {
		proof->why = "nobody is known on the link whom to ask";
		return;
	}
	proof->tries++;
	proof->with = n->address;
	proof->asked = ask(p, proof, n, now) == 0;
	proof->next = now + PATIENCE;
	if (!proof->asked)
		proof->why = "no neighbour can be asked";
}

enum proof_result proof_look(struct prover *p, struct proof *proof, uint64_t now)
{
	enum proof_stage stage = proof->asked ? stage_of(p, proof) : PROOF_IDLE;

	if (stage == PROOF_DONE)
		return PROOF_GOOD;
	if (now < proof->next)
		return PROOF_OPEN;
	if (proof->asked) {
		enum proof_result r = judge(proof, stage);

		proof->asked = false;
		if (r != PROOF_OPEN || proof->tries < REFUTED)
			return r;
		proof->next = now + (proof->tries < SOON_TRIES ? SECOND - PATIENCE : LATER - PATIENCE);
		return PROOF_OPEN;
	}
	ask_next(p, proof, now);
	return PROOF_OPEN;
}

bool proof_expects(const struct proof *proof)
{
	return proof->asked || (proof->tries < REFUTED && (proof->tries || proof->routers));
}
