package xueshi.bench.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import xueshi.bench.Views;

/**
 * A cache of objects in front of a store of bytes that has a changelog: as Streams' own cache, but
 * without bytes and a sorted map at every event. CachedStateStore is what Streams flushes before
 * it commits; a plain store's commit() comes after that, too late for the changelog.
 */
final class ViewStore implements StateStore, CachedStateStore<Bytes, byte[]>, Views.State {
    static final String NAME = "views";

    private final KeyValueStore<Bytes, byte[]> durable;
    private final Views views;

    ViewStore(KeyValueStore<Bytes, byte[]> durable, Map<String, Integer> durations) {
        this.durable = durable;
        this.views = new Views(durations, this);
    }

    Views views() {
        return views;
    }

    @Override
    public byte[] get(String teacher, String resource) {
        return durable.get(key(teacher, resource));
    }

    @Override
    public void put(String teacher, String resource, byte[] value) {
        durable.put(key(teacher, resource), value);
    }

    private static Bytes key(String teacher, String resource) {
        return Bytes.wrap((teacher + '\n' + resource).getBytes(UTF_8));
    }

    @Override
    public void flushCache() {
        views.flush();
    }

    @Override
    public void clearCache() {
        views.clear();
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Bytes, byte[]> listener, boolean sendOld) {
        return false;  // nobody listens
    }

    @Override
    public String name() {
        return durable.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        durable.init(context, root);
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {
        durable.commit(offsets);
    }

    @Override
    public void close() {
        views.clear();
        durable.close();
    }

    @Override
    public boolean persistent() {
        return durable.persistent();
    }

    @Override
    public boolean isOpen() {
        return durable.isOpen();
    }
}
