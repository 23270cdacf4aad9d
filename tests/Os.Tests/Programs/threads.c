// Threads, locks, condition variables and thread-local storage, on whatever libc it is linked with.
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long count;
static int ready;
static _Thread_local long own = 5;

static void *work(void *argument)
{
    for (int i = 0; i < 20000; i++) {
        pthread_mutex_lock(&lock);
        count++;
        pthread_mutex_unlock(&lock);
    }
    own += (long)argument;
    return (void *)own;
}

static void *wait_ready(void *argument)
{
    pthread_mutex_lock(&lock);
    while (!ready) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return argument;
}

int main(void)
{
    pthread_t t[8];
    long sum = 0;
    void *r;
    for (long i = 0; i < 8; i++) pthread_create(&t[i], 0, work, (void *)i);
    for (int i = 0; i < 8; i++) { pthread_join(t[i], &r); sum += (long)r; }
    printf("count %ld sum %ld\n", count, sum);
    for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, wait_ready, 0);
    usleep(2000);
    pthread_mutex_lock(&lock);
    struct timespec past = { 1, 0 };
    printf("timedwait %d\n", pthread_cond_timedwait(&changed, &lock, &past));
    ready = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
    printf("done\n");
    return 0;
}
