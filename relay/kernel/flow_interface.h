/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By which way one interface's packets are forwarded: which program is attached there, and what is known of whether that works.
 *
 *   attached ──> TC forwards, if it may be used         XDP's program is attached, but only tries (proof.h)
 *                     │ until it is known                     │
 *                     v                                       v
 *              TC is proven, or refuted               proven: the link gets the program that forwards
 *              (then user space)                      refuted: it is detached, and TC is tried
 *
 * TC stays attached behind XDP: it gets what XDP passes up.
 */
#ifndef RELAY_KERNEL_FLOW_INTERFACE_H
#define RELAY_KERNEL_FLOW_INTERFACE_H

#include "kernel/proof.h"

#define FLOW_INTERFACE_TEXT_MAX 280

enum flow_path { FLOW_PATH_OFF = 0, FLOW_PATH_AUTO, FLOW_PATH_XDP, FLOW_PATH_TC };

/* What all interfaces of a relay share. */
struct flow_programs {
	int xdp, tc, devices;    /* descriptors: the programs that forward, and the map of devices that XDP may redirect to */
	uint32_t handle;         /* of TC's filters; relays of one machine have different ones */
	struct prover *prover;   /* NULL: nothing can be tried, and XDP is not used; ... */
	int no_prover;           /* ... -errno, why */
	bool native, generic;    /* an interface has XDP by its driver, or by the kernel alone: they cannot send to each other */
};

struct flow_interface {
	unsigned ifindex;
	enum flow_path wanted, path; /* path: in force, FLOW_PATH_XDP, _TC or _OFF */
	int link;                    /* of XDP; -1: none */
	bool tc, trying_tc;          /* filters that are attached: the one that forwards, and the one that tries */
	bool proving, generic;
	struct proof proof;
	bool inherited;              /* the link is that of a relay before this one, which had proven it */
	char no_xdp[80];             /* why it is not used; empty: it is, or may be yet, or was not wanted */
	const char *failed;          /* FLOW_PATH_OFF: why not even TC, if that was wanted */
	bool changed;                /* since the caller has last looked, and said so by setting it to false */
};

/*
 * Attaches; i->changed is set. `link` is a link to this interface that has the forwarding program (of a relay before this one), or -1;
 * it belongs to the interface then. False: nothing will come of it.
 */
bool flow_interface_attach(struct flow_interface *i, struct flow_programs *p, int link);
/* `keep`: what forwards stays, for the next relay. */
void flow_interface_detach(struct flow_interface *i, struct flow_programs *p, bool keep);
/* Goes on with what is being tried; `now` in µs. */
void flow_interface_look(struct flow_interface *i, struct flow_programs *p, uint64_t now);
/* Is it worth waiting a moment for what is being tried? */
bool flow_interface_expects(const struct flow_interface *i);
/* How what comes in there is forwarded, and how sure that is. */
void flow_interface_text(const struct flow_interface *i, char to[FLOW_INTERFACE_TEXT_MAX]);

/* Takes TC's filters of a relay away that is gone. True: there were some. */
bool flow_interface_sweep(unsigned ifindex, uint32_t handle);

#endif
