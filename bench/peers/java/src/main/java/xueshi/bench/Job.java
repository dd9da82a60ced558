package xueshi.bench;

import com.alibaba.fastjson2.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the harness asks for, from the environment. Durations in ms; ends are exclusive offsets. */
public record Job(
        String kafka, String input, String output, String group, Path state, long flushMs,
        Map<String, Integer> durations, Map<Integer, Long> ends) {

    /** What a full view may lack, in ms (rule 9). */
    public static final int GAP_MS = 2_000;

    public static Job fromEnvironment() throws IOException {
        return new Job(told("KAFKA_BOOTSTRAP_SERVERS"), told("BENCH_INPUT"), told("BENCH_OUTPUT"),
                told("BENCH_GROUP"), Path.of(told("BENCH_STATE_DIR")).toAbsolutePath(),
                Math.round(1000 * Double.parseDouble(told("BENCH_FLUSH_SECONDS"))),
                readDurations(), readEnds());
    }

    private static Map<String, Integer> readDurations() throws IOException {
        var found = new HashMap<String, Integer>();
        json("BENCH_RESOURCES").forEach((id, ms) -> found.put(id, ((Number) ms).intValue()));
        return found;
    }

    private static Map<Integer, Long> readEnds() throws IOException {
        var found = new HashMap<Integer, Long>();
        json("BENCH_ENDS").forEach((at, end) ->
                found.put(Integer.valueOf(at), ((Number) end).longValue()));
        return found;
    }

    private static Map<String, Object> json(String name) throws IOException {
        return JSON.parseObject(Files.readAllBytes(Path.of(told(name))));
    }

    private static String told(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set");
        }
        return value;
    }
}
