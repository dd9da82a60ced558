package xueshi.bench.streams;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import xueshi.bench.Batch;
import xueshi.bench.Full;

/** Telemetry in, full views out. */
final class FullViews implements Processor<byte[], byte[], byte[], byte[]> {
    private final Progress progress;
    private ProcessorContext<byte[], byte[]> context;
    private ViewStore store;

    FullViews(Progress progress) {
        this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
        context = given;
        store = given.getStateStore(ViewStore.NAME);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        if (progress.isInside(place.partition(), place.offset())) {
            store.views().add(new Batch(record.value()), (teacher, resource) -> context.forward(
                    record.withKey(Full.key(teacher)).withValue(Full.value(teacher, resource))));
            progress.reached(place.partition(), place.offset() + 1);
        }
    }
}
