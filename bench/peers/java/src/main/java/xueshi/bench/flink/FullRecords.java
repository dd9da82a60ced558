package xueshi.bench.flink;

import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import xueshi.bench.Full;

/** "teacher\nresource" as a record of the output. */
final class FullRecords implements KafkaRecordSerializationSchema<String> {
    private static final long serialVersionUID = 1;

    private final String topic;

    FullRecords(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            String full, KafkaSinkContext context, Long timestamp) {
        int at = full.indexOf('\n');
        String teacher = full.substring(0, at);
        return new ProducerRecord<>(
                topic, Full.key(teacher), Full.value(teacher, full.substring(at + 1)));
    }
}
