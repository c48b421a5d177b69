/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a trace must not hold (F4): taken out of a SIP message before it goes anywhere, byte for byte, so that every length
 * in the message stays true. What may stay is listed, the rest goes:
 *
 *      Authorization, Proxy-Authorization      of "Digest": all but username, realm, uri, algorithm, qop, nc, opaque, stale;
 *      Authentication-Info, Proxy-…-Info       the same; the credentials of another scheme: all
 *      X-Aeta-Own                              the seal of our own requests
 *      sip:user:password@host                  the password, wherever it stands
 *      any other header                        from "authorization" on, which a URI may carry
 *      body                                    all, unless it is a plain application/sdp; of that the keys of the media
 *                                              (k=, a=crypto, a=key-mgmt, a=ice-pwd)
 */
#ifndef AETA_POLICY_MASK_H
#define AETA_POLICY_MASK_H

#include <stddef.h>

#define AETA_MASK 'x' /* what stands for a byte that was taken out */

/* Masks the `len` bytes of `message`, any bytes, in place. */
void aeta_mask(char *message, size_t len);

#endif
