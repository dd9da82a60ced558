package xueshi.bench.streams;

import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Makes the store of each task. */
final class ViewStores implements StoreBuilder<ViewStore> {
    private final Map<String, Integer> durations;
    private final StoreBuilder<KeyValueStore<Bytes, byte[]>> durable = Stores
            .keyValueStoreBuilder(Stores.inMemoryKeyValueStore(ViewStore.NAME),
                    Serdes.Bytes(), Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(Map.of());

    ViewStores(Map<String, Integer> durations) {
        this.durations = durations;
    }

    @Override
    public ViewStore build() {
        return new ViewStore(durable.build(), durations);
    }

    @Override
    public StoreBuilder<ViewStore> withCachingEnabled() {
        return this;
    }

    @Override
    public StoreBuilder<ViewStore> withCachingDisabled() {
        return this;  // Streams asks this of every store when its own cache has no bytes
    }

    @Override
    public StoreBuilder<ViewStore> withLoggingEnabled(Map<String, String> config) {
        durable.withLoggingEnabled(config);
        return this;
    }

    @Override
    public StoreBuilder<ViewStore> withLoggingDisabled() {
        throw new UnsupportedOperationException("it would not be durable");
    }

    @Override
    public Map<String, String> logConfig() {
        return durable.logConfig();
    }

    @Override
    public boolean loggingEnabled() {
        return durable.loggingEnabled();
    }

    @Override
    public String name() {
        return ViewStore.NAME;
    }
}
