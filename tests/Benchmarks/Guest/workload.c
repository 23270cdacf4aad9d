/* Integer user code as init: so many rounds of hashing, sorting, list walking, a byte-code machine, matrices and run lengths; then power off. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

enum { COUNT = 4096, SIDE = 48 };

struct node { struct node *next; uint64_t value; };

static uint32_t random_state = 1;
static uint32_t values[COUNT], sorted[COUNT];
static struct node nodes[COUNT];
static int matrix_a[SIDE][SIDE], matrix_b[SIDE][SIDE], matrix_c[SIDE][SIDE];
static uint8_t plain[1 << 14], packed[1 << 15];

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static uint64_t hash(const uint8_t *data, size_t length)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++)
        h = (h ^ data[i]) * 0x100000001b3;
    return h;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint64_t walk(void)
{
    uint64_t sum = 0;
    for (struct node *n = nodes; n; n = n->next)
        sum += n->value;
    return sum;
}

/* Adds up i * 3 ^ i for i below a bound. */
static uint64_t machine(uint32_t bound)
{
    static const uint8_t program[] = { 0, 1, 2, 3, 4, 5, 6 };
    uint64_t accumulator = 0, temporary = 0;
    uint32_t i = 0;
    for (size_t pc = 0;;) {
        switch (program[pc++]) {
        case 0: temporary = i; break;
        case 1: temporary *= 3; break;
        case 2: temporary ^= i; break;
        case 3: accumulator += temporary; break;
        case 4: i++; break;
        case 5: if (i == bound) return accumulator; break;
        default: pc = 0; break;
        }
    }
}

static uint32_t multiply(void)
{
    uint32_t trace = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            int sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += matrix_a[i][k] * matrix_b[k][j];
            matrix_c[i][j] = sum;
        }
    for (int i = 0; i < SIDE; i++)
        trace += matrix_c[i][i];
    return trace;
}

static size_t pack(void)
{
    size_t out = 0;
    for (size_t i = 0; i < sizeof plain;) {
        size_t run = 1;
        while (i + run < sizeof plain && run < 255 && plain[i + run] == plain[i])
            run++;
        packed[out++] = run;
        packed[out++] = plain[i];
        i += run;
    }
    return out;
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 0;
    uint64_t check = 0;
    for (int i = 0; i < COUNT; i++) {
        values[i] = next_random();
        nodes[i].next = i + 1 < COUNT ? &nodes[i + 1] : NULL;
        nodes[i].value = next_random();
    }
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = next_random() & 1;
    for (int i = 0; i < SIDE * SIDE; i++) {
        matrix_a[i / SIDE][i % SIDE] = next_random() & 0xff;
        matrix_b[i / SIDE][i % SIDE] = next_random() & 0xff;
    }
    for (int round = 0; round < rounds; round++) {
        check += hash(plain, sizeof plain);
        memcpy(sorted, values, sizeof sorted);
        qsort(sorted, COUNT, sizeof sorted[0], by_value);
        check += sorted[round % COUNT] + walk() + machine(20000) + multiply() + pack();
        values[round % COUNT] ^= (uint32_t)check;
    }
    printf("workload: %d rounds, check %016llx\n", rounds, (unsigned long long)check);
    fflush(stdout);
    reboot(RB_POWER_OFF);
    return 0;
}
