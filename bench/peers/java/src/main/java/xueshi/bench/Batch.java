package xueshi.bench;

import com.alibaba.fastjson2.JSONException;
import com.alibaba.fastjson2.JSONReader;
import java.util.Arrays;

/** The columns of one telemetry record that a full view needs; places in media ms. */
public final class Batch {
    public String[] teacher;
    public String[] resource;
    public int[] from;
    public int[] to;
    /** Of the columns, in the order they came. */
    private final int[] lengths = new int[9];
    private int columns;

    private Batch() {
    }

    /** All nine columns are read as what they are, and must be equally long.
     *
     * @throws JSONException it is not telemetry
     */
    public static Batch parse(byte[] value) {
        var batch = new Batch();
        try (JSONReader reader = JSONReader.of(value)) {
            batch.read(reader);
        }
        batch.check();
        return batch;
    }

    private void read(JSONReader reader) {
        reader.nextIfObjectStart();
        while (!reader.nextIfObjectEnd()) {
            column(reader.readFieldName(), reader);
        }
    }

    private void column(String name, JSONReader reader) {
        switch (name) {
            case "teacher_id" -> counted((teacher = reader.readStringArray()).length);
            case "resource_id" -> counted((resource = reader.readStringArray()).length);
            case "session_id" -> counted(reader.readStringArray().length);
            case "from" -> counted((from = reader.readInt32ValueArray()).length);
            case "to" -> counted((to = reader.readInt32ValueArray()).length);
            case "seq", "rate" -> counted(reader.readInt32ValueArray().length);
            case "received_at", "opened_at" -> counted(reader.readInt64ValueArray().length);
            default -> reader.skipValue();
        }
    }

    private void counted(int length) {
        lengths[columns++] = length;
    }

    private void check() {
        if (columns != lengths.length || Arrays.stream(lengths).anyMatch(n -> n != lengths[0])) {
            throw new JSONException("columns are lacking, or differ in length");
        }
    }
}
