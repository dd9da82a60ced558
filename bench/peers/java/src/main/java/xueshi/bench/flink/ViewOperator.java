package xueshi.bench.flink;

import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.FlinkRuntimeException;
import xueshi.bench.Batch;
import xueshi.bench.Views;

/**
 * Telemetry in, "teacher\nresource" of full views out. As Flink's SQL does with mini-batches, it
 * works on objects, and writes to the keyed state what has changed just before each checkpoint.
 */
final class ViewOperator extends AbstractStreamOperator<String>
        implements OneInputStreamOperator<byte[], String>, Views.State {
    private static final long serialVersionUID = 1;

    private final Map<String, Integer> durations;
    private transient Views views;
    private transient ValueState<byte[]> state;
    private transient StreamRecord<String> found;

    ViewOperator(Map<String, Integer> durations) {
        this.durations = durations;
    }

    static String key(String teacher, String resource) {
        return teacher + '\n' + resource;
    }

    @Override
    public void open() throws Exception {
        super.open();
        state = getRuntimeContext().getState(new ValueStateDescriptor<>(
                "views", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        views = new Views(durations, this);
        found = new StreamRecord<>(null);
    }

    /** A record is of many keys: each is set when its state is asked for. */
    @Override
    public void setKeyContextElement1(StreamRecord record) {
    }

    @Override
    public void processElement(StreamRecord<byte[]> record) {
        views.add(new Batch(record.getValue()), (teacher, resource) ->
                output.collect(found.replace(key(teacher, resource))));
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpoint) {
        views.flush();
    }

    @Override
    public byte[] get(String teacher, String resource) {
        setCurrentKey(key(teacher, resource));
        try {
            return state.value();
        } catch (IOException error) {
            throw new FlinkRuntimeException(error);
        }
    }

    @Override
    public void put(String teacher, String resource, byte[] value) {
        setCurrentKey(key(teacher, resource));
        try {
            state.update(value);
        } catch (IOException error) {
            throw new FlinkRuntimeException(error);
        }
    }
}
