package xueshi.bench.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import xueshi.bench.Job;

/** Full views by Flink in this JVM: reads to the ends, makes a last checkpoint, and is over. */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws Exception {
        Job job = Job.fromEnvironment();
        var environment = StreamExecutionEnvironment.createLocalEnvironment(settings(job));
        DataStream<byte[]> telemetry = environment.fromSource(
                source(job), WatermarkStrategy.noWatermarks(), "telemetry")
                .uid(UUID.randomUUID().toString());
        full(job, telemetry).sinkTo(sink(job));
        environment.execute("full-views");
        System.exit(0);
    }

    /**
     * One worker has all keys, so nothing need be sent to where its key belongs: that would take
     * the chain of operators apart, and make bytes of each event.
     */
    private static DataStream<String> full(Job job, DataStream<byte[]> telemetry) {
        return DataStreamUtils.reinterpretAsKeyedStream(telemetry, batch -> "", Types.STRING)
                .transform("full-views", Types.STRING, new ViewOperator(job.durations()))
                .uid("full-views");
    }

    /**
     * A bounded source that is restored never ends (FLINK-33466). So each process has a source of
     * its own, as its uid says, which begins at the offsets that the last checkpoint committed:
     * never behind what the restored state has, and what is read twice changes nothing.
     */
    private static KafkaSource<byte[]> source(Job job) {
        var ends = new HashMap<TopicPartition, Long>();
        job.ends().forEach((at, end) -> ends.put(new TopicPartition(job.input(), at), end));
        return KafkaSource.<byte[]>builder()
                .setBootstrapServers(job.kafka())
                .setTopics(job.input())
                .setGroupId(job.group())
                .setStartingOffsets(
                        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setBounded(OffsetsInitializer.offsets(ends))
                .setDeserializer(new Values())
                .setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "4194304")
                .setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "200")
                .build();
    }

    private static KafkaSink<String> sink(Job job) {
        var set = new Properties();
        set.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        set.put(ProducerConfig.LINGER_MS_CONFIG, "100");
        return KafkaSink.<String>builder()
                .setBootstrapServers(job.kafka())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(new FullRecords(job.output()))
                .setKafkaProducerConfig(set)
                .build();
    }

    private static Configuration settings(Job job) throws IOException {
        Path checkpoints = job.state().resolve("checkpoints");
        Path local = Files.createDirectories(job.state().resolve("local"));
        var set = Configuration.fromMap(Map.of(
                "parallelism.default", "1",
                "state.backend.rocksdb.localdir", local.toString(),
                "state.backend.rocksdb.compression.per.level", "NO_COMPRESSION",
                "io.tmp.dirs", local.toString()));
        set.set(TaskManagerOptions.NUM_TASK_SLOTS, 1);
        set.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
        set.set(PipelineOptions.OBJECT_REUSE, true);
        set.set(RestartStrategyOptions.RESTART_STRATEGY, "none");  // a failure is to be seen
        durable(set, job, checkpoints);
        Checkpoints.newest(checkpoints).ifPresent(path ->
                set.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
        set.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);  // an older source's
        return set;
    }

    /** -Dstate=rocksdb is the other choice: README.md has the figures. */
    private static void durable(Configuration set, Job job, Path checkpoints) {
        set.set(StateBackendOptions.STATE_BACKEND, System.getProperty("state", "hashmap"));
        set.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        set.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        set.set(CheckpointingOptions.CHECKPOINTING_INTERVAL,
                Duration.ofMillis(job.flushMs()));
        set.set(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    }
}
