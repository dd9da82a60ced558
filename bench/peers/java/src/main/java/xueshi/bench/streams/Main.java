package xueshi.bench.streams;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import xueshi.bench.Job;

/** Full views by Kafka Streams: reads to the ends, commits, and is over. */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws Exception {
        Job job = Job.fromEnvironment();
        var progress = new Progress(job.ends());
        committedBefore(job, progress);
        boolean isRead;
        try (var streams = new KafkaStreams(topology(job, progress), settings(job))) {
            isRead = run(streams, progress);
        }  // which commits
        System.exit(isRead && !failed ? 0 : 1);
    }

    private static volatile boolean failed;

    private static boolean run(KafkaStreams streams, Progress progress)
            throws InterruptedException {
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            failed = true;
            progress.stop();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        return progress.await();
    }

    /** Of a partition that was committed to its end before a crash, nothing will come. */
    private static void committedBefore(Job job, Progress progress) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", job.kafka()))) {
            admin.listConsumerGroupOffsets(job.group()).partitionsToOffsetAndMetadata().get()
                    .forEach((at, place) -> {
                        if (at.topic().equals(job.input()) && place != null) {
                            progress.reached(at.partition(), place.offset());
                        }
                    });
        }
    }

    private static Topology topology(Job job, Progress progress) {
        var bytes = new ByteArrayDeserializer();
        return new Topology()
                .addSource("telemetry", bytes, bytes, job.input())
                .addProcessor("full-views", () -> new FullViews(progress), "telemetry")
                .addStateStore(new ViewStores(job.durations()), "full-views")
                .addSink("output", job.output(), new ByteArraySerializer(),
                        new ByteArraySerializer(), "full-views");
    }

    private static Properties settings(Job job) {
        var set = new Properties();
        set.put(StreamsConfig.APPLICATION_ID_CONFIG, job.group());
        set.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.kafka());
        set.put(StreamsConfig.STATE_DIR_CONFIG, job.state().toString());
        set.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, job.flushMs());
        set.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        set.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        set.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);  // the store is one itself
        set.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);  // the benchmark's Kafka is one broker
        set.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 200);  // of some 20 kB each
        set.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
        set.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "1");  // started again, need not wait
        set.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        set.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 200);
        set.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
        set.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        set.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        return set;
    }
}
