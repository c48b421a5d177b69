/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is known about each option. A new one is a row here and a field in struct options. */
#include "options.h"

#define AT(field) offsetof(struct options, field)
#define DAY 86400
#define YEAR (366 * (int64_t)DAY)

const struct option_row option_rows[] = {
	{"interface", 'i', OPTION_LIST, AT(interface), 0, 0, NULL, "[NAME/]ADDRESS[!ADVERTISED]",
		"An address that media use, needed at least once. NAME is what ng requests call it (`direction`, `interface`); several "
		"addresses of one name are one logical interface, the first name is the default one. ADVERTISED is written into SDPs where "
		"the address is behind a NAT of ours.", 0},
	{"port-min", 'm', OPTION_NUMBER, AT(port_min), 1024, 65534, "55004", "port",
		"First media port; even ports are RTP, odd ones RTCP.", 0},
	{"port-max", 'M', OPTION_NUMBER, AT(port_max), 1025, 65535, "55999", "port", "Last media port.", 0},
	{"listen-ng", 'n', OPTION_LIST, AT(listen_ng), 0, 0, "127.0.0.1:2223", "[ADDRESS:]PORT",
		"Where ng requests are taken over UDP; a port alone is at 127.0.0.1. `none`: nowhere.", 0},
	{"listen-tcp-ng", 0, OPTION_LIST, AT(listen_tcp_ng), 0, 0, NULL, "[ADDRESS:]PORT", "The same over TCP.", 0},
	{"listen-http", 0, OPTION_LIST, AT(listen_http), 0, 0, NULL, "[ADDRESS:]PORT",
		"HTTP: GET /ping, /metrics (Prometheus), /health (JSON); POST /ng and /ng-plain.", 0},
	{"ng-allow", 0, OPTION_LIST, AT(ng_allow), 0, 0, NULL, "ADDRESS[/LENGTH]",
		"Who may reach the three above besides this machine's loopback. An address that is not loopback is listened on only if this "
		"is given; what others send is dropped and counted.", OPTION_RELOAD},

	{"timeout", 'o', OPTION_NUMBER, AT(timeout), 1, YEAR, "60", "s", "A call without any packet for so long is ended.", OPTION_RELOAD},
	{"silent-timeout", 's', OPTION_NUMBER, AT(silent_timeout), 1, YEAR, "3600", "s",
		"The same while it is on hold, or nothing is to be heard.", OPTION_RELOAD},
	{"final-timeout", 'a', OPTION_NUMBER, AT(final_timeout), 0, YEAR, "0", "s", "No call lives longer; 0: no limit.", OPTION_RELOAD},
	{"offer-timeout", 0, OPTION_NUMBER, AT(offer_timeout), 1, YEAR, "3600", "s",
		"An offer without an answer is forgotten.", OPTION_RELOAD},
	{"delete-delay", 'd', OPTION_NUMBER, AT(delete_delay), 0, DAY, "30", "s",
		"A deleted call stays so long, where the request does not say.", OPTION_RELOAD},
	{"max-sessions", 0, OPTION_NUMBER, AT(max_sessions), -1, 1000000, "0", "calls",
		"More are refused (load limit); 0 or -1: as many as there are ports.", OPTION_RELOAD},
	{"max-load", 0, OPTION_DECIMAL, AT(max_load), 0, 100000, "0", "load average",
		"New calls are refused while the machine's one-minute load average is higher; 0: no limit.", OPTION_RELOAD},
	{"load-limit", 0, OPTION_DECIMAL, AT(max_load), 0, 100000, NULL, "load average", "Another name of max-load.", OPTION_RELOAD},
	{"max-cpu", 0, OPTION_DECIMAL, AT(max_cpu), 0, 100, "0", "%",
		"New calls are refused while the machine's processors, or the one that forwards packets, are busier; 0: no limit.",
		OPTION_RELOAD},

	{"tos", 'T', OPTION_NUMBER, AT(tos), -1, 255, "-1", "TOS byte",
		"Set on forwarded packets (184 is EF); -1: kept as it came.", 0},
	{"endpoint-learning", 0, OPTION_WORD, AT(endpoint_learning), 0, 0, "heuristic", "heuristic|off|immediate|delayed",
		"How the address that a party really sends from is found, where the request does not say.", 0},
	{"strict-source", 0, OPTION_SWITCH, AT(strict_source), 0, 0, "no", NULL,
		"No address but a signalled one is ever learned, in any call.", 0},
	{"learn-outside", 0, OPTION_SWITCH, AT(learn_outside), 0, 0, "yes", NULL,
		"A party that is not heard from any address that its SDP or its SIP shows may be learned from elsewhere, under the conditions "
		"of the last rank (carrier NATs, routers with two lines).", 0},
	{"sockets", 0, OPTION_WORD, AT(sockets), 0, 0, "auto", "auto|own",
		"auto: all media ports of an address share a socket where the system allows it (Linux 5.9, started as root or with CAP_BPF, "
		"CAP_NET_ADMIN and CAP_NET_RAW; media ports in net.ipv4.ip_local_reserved_ports, where root's relay puts them), which a line at the start tells; own: each port has its own.", 0},
	{"port-rate", 0, OPTION_NUMBER, AT(port_rate), 0, 1000000, "10000", "packets/s",
		"Of a shared socket, what one port may get; more is dropped before it costs the other calls anything, and counted. 0: no limit.", 0},
	{"offload", 0, OPTION_WORD, AT(offload), 0, 0, "auto", "off|auto|xdp|tc",
		"Settled streams are forwarded by the kernel (Linux 6.1; started as root or with CAP_BPF and CAP_NET_ADMIN, which it keeps then; with "
		"CAP_NET_RAW it tries the way): auto: by XDP where an interface's driver has it and it is proven, else by TC; xdp: by XDP, be it "
		"generic, or not at all. What cannot be is forwarded as ever, and a line says why.", 0},
	{"offload-outlive", 0, OPTION_NUMBER, AT(offload_outlive), 0, 7 * DAY, "14400", "s",
		"After a crash, and over a restart, streams in the kernel go on without the relay for so long, and the next one takes them over. "
		"0: they do not.", 0},
	{"offload-grace", 0, OPTION_NUMBER, AT(offload_grace), 0, DAY, "60", "s",
		"Streams in the kernel whose calls the relay does not know after its start are ended then.", 0},
	{"bpf-dir", 0, OPTION_TEXT, AT(bpf_dir), 0, 0, "/sys/fs/bpf/aeta-relay", "DIRECTORY",
		"In a bpffs: where the relay keeps a name for what is to outlive it in the kernel, in a directory for each range of ports. As root "
		"it makes it; where it cannot, a line says so, and streams do not outlive it. `none`: nowhere.", 0},
	{"receive-buffer", 0, OPTION_NUMBER, AT(receive_buffer), 8, 8192, "64", "KiB",
		"Receive buffer of each media port that has a socket of its own. Large ones outlast a pause of the machine, but are full of stale packets after a flood.", 0},
	{"gather", 0, OPTION_NUMBER, AT(gather), 0, 5000, "250", "us",
		"While more than 2,000 packets a second come, packets are gathered for so long and then forwarded together: half the processor time "
		"for that much more delay. 0: each at once.", OPTION_RELOAD},
	{"plain", 0, OPTION_SWITCH, AT(plain), 0, 0, "no", NULL,
		"For sandboxes and odd kernels: single-packet calls only, a missing socket option is no error, no look at the machine's own "
		"addresses and settings.", 0},
	{"num-threads", 0, OPTION_NUMBER, AT(num_threads), 0, 1024, "0", "threads",
		"Accepted for rtpengine's sake, without effect: one thread forwards packets and answers requests, a second one writes "
		"recordings. Use a relay for each processor where one is not enough.", 0},

	{"recording-dir", 0, OPTION_TEXT, AT(recording_dir), 0, 0, NULL, "DIRECTORY",
		"Recordings are written here, and nowhere else. Without it there are none.", 0},
	{"recording-method", 0, OPTION_WORD, AT(recording_method), 0, 0, "pcap", "pcap", "How calls are recorded.", 0},
	{"recording-format", 0, OPTION_WORD, AT(recording_format), 0, 0, "raw", "raw|eth",
		"Packets begin with the IP header, or with an Ethernet header before it.", 0},
	{"recording-pattern", 0, OPTION_TEXT, AT(recording_pattern), 0, 0, "%c-%r", "PATTERN",
		"A recording's file name without .pcap: %c Call-ID, %r 16 random digits, %Y %m %d %H %M %S time, %% a percent sign.", 0},
	{"recording-buffer", 0, OPTION_NUMBER, AT(recording_buffer), 1, 1024, "16", "MiB",
		"Packets that wait for the disk; what does not fit is left out of the recording, and counted.", 0},

	{"notify", 0, OPTION_TEXT, AT(notify), 0, 0, NULL, "unix:PATH|udp:ADDRESS:PORT",
		"A call that ends because its media stopped is told there, as a JSON-RPC request in one datagram (Kamailio's jsonrpcs).",
		OPTION_RELOAD},
	{"notify-method", 0, OPTION_TEXT, AT(notify_method), 0, 0, "dlg.terminate_dlg", "METHOD",
		"The method of that request; its parameters are Call-ID, From tag, To tag.", OPTION_RELOAD},
	{"log-level", 'L', OPTION_NUMBER, AT(log_level), 0, 7, "6", "syslog level", "Lines above it are not written.", OPTION_RELOAD},
	{"log-facility", 0, OPTION_WORD, AT(log_facility), 0, 0, "daemon", "daemon|local0|local1|local2|local3|local4|local5|local6|local7",
		"Syslog facility.", 0},
	{"log-stderr", 'E', OPTION_SWITCH, AT(log_stderr), 0, 0, "no", NULL, "Log to standard error instead of syslog.", 0},

	{"foreground", 'f', OPTION_SWITCH, AT(foreground), 0, 0, "no", NULL,
		"Stay in the foreground; else the command returns once requests are answered.", 0},
	{"pidfile", 'p', OPTION_TEXT, AT(pidfile), 0, 0, NULL, "FILE", "Write the process id there.", 0},
	{"user", 'u', OPTION_TEXT, AT(user), 0, 0, NULL, "NAME[:GROUP]",
		"Run as this user (only root can change). As root without it: as aeta-relay if there is such a user, else as root without its "
		"capabilities.", 0},
	{"drain-timeout", 0, OPTION_NUMBER, AT(drain_timeout), 0, YEAR, "30", "s",
		"After SIGUSR1 no call is added, and the relay leaves with its last call, or after so long; SIGTERM ends it at once then. Without "
		"--state-dir, SIGTERM does what SIGUSR1 does.", OPTION_RELOAD},
	{"state-dir", 0, OPTION_TEXT, AT(state_dir), 0, 0, NULL, "DIRECTORY",
		"Calls are saved there, so that a relay that is started again goes on with them; SIGTERM leaves at once. A directory of each relay's "
		"own, its user's, 0700, on a memory file system (root's relay makes the last part of the path). Without it calls end with "
		"the process.", 0},

	{"config-file", 0, OPTION_TEXT, AT(config_file), 0, 0, "/etc/aeta-relay/aeta-relay.conf", "FILE",
		"Read options from this file: lines `name = value` in a section. The default one may be missing; `none`: no file.",
		OPTION_COMMAND_LINE},
	{"config-section", 0, OPTION_TEXT, AT(config_section), 0, 0, NULL, "NAME",
		"The section of that file. Without it: [aeta-relay], or [rtpengine] where that is missing.", OPTION_COMMAND_LINE},
	{"help", 'h', OPTION_SWITCH, AT(help), 0, 0, "no", NULL, "Print this and leave.", OPTION_COMMAND_LINE},
	{"reference", 0, OPTION_SWITCH, AT(reference), 0, 0, "no", NULL, "Print the options as a document and leave.", OPTION_COMMAND_LINE},
	{"sweep", 0, OPTION_SWITCH, AT(sweep), 0, 0, "no", NULL,
		"Take out of the kernel what a relay of this configuration that is gone has left there (--offload), and leave.",
		OPTION_COMMAND_LINE},
	{"version", 'v', OPTION_SWITCH, AT(version), 0, 0, "no", NULL, "Print the version and leave.", OPTION_COMMAND_LINE},
};

const unsigned option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);
_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= 64, "the parsers keep a bit for each");
