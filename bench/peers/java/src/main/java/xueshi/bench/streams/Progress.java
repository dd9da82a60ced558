package xueshi.bench.streams;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Which partitions are still to be read to their ends. Offsets are of the next record. */
final class Progress {
    private final Map<Integer, Long> ends;
    private final Map<Integer, Long> open;
    private final CountDownLatch over = new CountDownLatch(1);

    Progress(Map<Integer, Long> ends) {
        this.ends = ends;
        this.open = new HashMap<>(ends);
        ends.keySet().forEach(partition -> reached(partition, 0));
    }

    boolean isInside(int partition, long offset) {
        return offset < ends.getOrDefault(partition, 0L);
    }

    synchronized void reached(int partition, long offset) {
        open.computeIfPresent(partition, (at, end) -> offset >= end ? null : end);
        if (open.isEmpty()) {
            over.countDown();
        }
    }

    /** Nothing more will come. */
    void stop() {
        over.countDown();
    }

    /** Wait for the end; whether all is read. */
    boolean await() throws InterruptedException {
        over.await();
        synchronized (this) {
            return open.isEmpty();
        }
    }
}
