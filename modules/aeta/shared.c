/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shared.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

int aeta_shared_take(struct aeta_shared *s, size_t bytes, unsigned locks, uint64_t key[2])
{
	s->memory = shm_malloc(bytes);
	s->locks = lock_set_alloc((int)locks);
	if (!s->memory || !s->locks || !lock_set_init(s->locks)) {
		SHM_MEM_ERROR;
		return -1;
	}
	if (getrandom(key, 2 * sizeof(*key), 0) != (ssize_t)(2 * sizeof(*key))) {
		LM_ERR("no random key: %s\n", strerror(errno));
		return -1;
	}
	memset(s->memory, 0, bytes);
	return 0;
}

void aeta_shared_give(struct aeta_shared *s)
{
	if (s->locks) {
		lock_set_destroy(s->locks);
		lock_set_dealloc(s->locks);
	}
	if (s->memory)
		shm_free(s->memory);
	*s = (struct aeta_shared){.memory = NULL};
}
